/* Where else in the mount tree a file can be seen.
 *
 * Linked by: pam_diag.so.
 *
 * Source: proc(5), /proc/PID/mountinfo.
 */
#pragma once

#include <stddef.h>

struct mountinfo_entry {
        char *device; /* "major:minor" */
        char *root; /* directory of that filesystem which is mounted */
        char *point; /* where */
};

struct mountinfo {
        struct mountinfo_entry *entries;
        size_t count;
};

/* Pure: the text of /proc/PID/mountinfo, octal escapes undone. -EBADMSG for a line that cannot be read. */
int mountinfo_parse(const char *text, struct mountinfo *ret_info);
int mountinfo_load(struct mountinfo *ret_info); /* of the calling process */
void mountinfo_free(struct mountinfo *info);
#define cleanup_mountinfo __attribute__((cleanup(mountinfo_free)))

/* Where else what lies at `path` (absolute, every link resolved) can be seen. Appends to *aliases the paths at which the same place
 * would be visible through another mount of its filesystem, and to *parts the mount points that show a part of what lies below it.
 * A later mount may cover an alias: that is for the caller to see, by comparing identities. */
int mountinfo_aliases(const struct mountinfo *info, const char *path, char ***aliases, char ***parts);
