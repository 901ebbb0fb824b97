/* Where else in the mount tree a file can be seen.
 *
 * Linked by: pam_diag.so.
 *
 * Source: proc(5), /proc/PID/mountinfo; statx(2), STATX_MNT_ID (Linux 5.8) for the id of the mount on which a file lies.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mountinfo_entry {
        uint64_t id;
        uint64_t device; /* of the filesystem: major << 32 | minor */
        const char *root; /* directory of that filesystem which is mounted; in `text`, as `point` is */
        const char *point; /* where */
        char **layers; /* of an overlay: the directories that it is made of; else NULL */
        struct mountinfo_entry *next_overlay; /* in mountinfo.overlays */
};

struct mountinfo {
        char *text;
        struct mountinfo_entry *entries;
        size_t count;
        struct mountinfo_entry *overlays; /* those with layers */
};

/* Pure: the text of /proc/PID/mountinfo, octal escapes undone. -EBADMSG for a line that cannot be read. */
int mountinfo_parse(const char *text, struct mountinfo *ret_info);
int mountinfo_load(struct mountinfo *ret_info); /* of the calling process */
void mountinfo_free(struct mountinfo *info);
#define cleanup_mountinfo __attribute__((cleanup(mountinfo_free)))

/* Where else what lies at `path` (absolute, every link resolved) on the mount `own` can be seen. Appends to *aliases the paths at which the
 * same place would be visible through another mount of its filesystem, and to *parts the mount points that show a part of what lies
 * below it. A later mount may cover either: that is for the caller to see, by comparing identities. Nothing for NULL; -EBADMSG when
 * the path cannot lie on that mount. */
int mountinfo_aliases(const struct mountinfo *info, const struct mountinfo_entry *own, const char *path,
                      char ***aliases, char ***parts);

/* The path of what lies at `path` on the mount `own` within its filesystem: "" for the filesystem's root. -EBADMSG when it cannot lie there. */
int mountinfo_path_inside(const struct mountinfo_entry *own, const char *path, char **ret_inside);

/* The mount of that id, or NULL. */
const struct mountinfo_entry *mountinfo_find(const struct mountinfo *info, uint64_t id);

/* What is left of `path` below `tree`: "" for the tree itself, "/rest" below it, NULL outside. */
const char *mountinfo_below(const char *tree, const char *path);

/* True when both mounts are in the table and show the same filesystem. st_dev does not tell: files of one overlay or one btrfs have
 * several. */
bool mountinfo_same_filesystem(const struct mountinfo *info, uint64_t a, uint64_t b);
