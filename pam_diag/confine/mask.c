#include "pam_diag/confine/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/confine/listing.h"
#include "pam_diag/confine/mountinfo.h"
#include "pam_diag/confine/mounts.h"
#include "pam_diag/confine/place.h"

/* `info`: layers are those that are there, without links, as they were before the first mask: resolving them for every place anew is most of
 * what a session's opening costs where there are overlays.
 * `seen`: paths, without links, that are masked or are about to be: overlays and their layers lead to each other. A tree of tsearch(3). */
struct masking {
        struct mountinfo info;
        struct listing *listing;
        int empty_dir; /* MOUNTS_MASK_DIR, owned */
        int empty_file; /* MOUNTS_MASK_FILE, owned */
        void *seen;
        char **ret_path;
};

struct identity {
        dev_t device;
        ino_t inode;
        mode_t mode;
        uint64_t mount;
};

static int identify(int place, struct identity *ret_identity)
{
        struct statx status;

        if (statx(place, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO | STATX_MNT_ID, &status) < 0)
                return -errno;
        if ((status.stx_mask & STATX_MNT_ID) == 0)
                return -EOPNOTSUPP;
        *ret_identity = (struct identity){
                .device = makedev(status.stx_dev_major, status.stx_dev_minor),
                .inode = status.stx_ino,
                .mode = status.stx_mode,
                .mount = status.stx_mnt_id,
        };
        return 0;
}

/* Covers what the descriptor points at. Safe: the mount goes on the opened place itself, no name is looked up again, and it
 * exists in the caller's private tree alone. */
static int cover(const struct masking *masking, int place, const struct identity *identity)
{
        cleanup_fd int tree = open_tree(S_ISDIR(identity->mode) ? masking->empty_dir : masking->empty_file, "",
                                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

        if (tree < 0)
                return -errno;
        if (move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
                return 0;
        /* ENOENT: removed since it was opened, so that no name leads to it. */
        return errno == ENOENT ? 0 : -errno;
}

/* An alias is covered only where the same file is really seen, a part only where its filesystem is: another mount may lie on top. */
static int cover_alias(const struct masking *masking, const char *path, const struct identity *original, bool whole)
{
        cleanup_fd int place = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
        struct identity identity = { 0 };
        int r;

        if (place < 0)
                return place_is_gone(-errno) ? 0 : -errno;
        r = identify(place, &identity);
        if (r < 0)
                return r;
        if (whole ? identity.device != original->device || identity.inode != original->inode
                  : !mountinfo_same_filesystem(&masking->info, identity.mount, original->mount))
                return 0;
        return cover(masking, place, &identity);
}

static int cover_aliases(const struct masking *masking, char *const *paths, const struct identity *original, bool whole)
{
        int r = 0;

        for (size_t i = 0; r == 0 && paths != NULL && paths[i] != NULL; i++) {
                r = cover_alias(masking, paths[i], original, whole);
                if (r < 0)
                        *masking->ret_path = strdup(paths[i]);
        }
        return r;
}

static int mask_place(struct masking *masking, const char *found);

static int mask_below(struct masking *masking, const char *tree, const char *rest)
{
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s%s", strcmp(tree, "/") == 0 ? "" : tree, *rest == '\0' && tree[1] == '\0' ? "/" : rest) <
            0) {
                path = NULL;
                return -ENOMEM;
        }
        return mask_place(masking, path);
}

/* What is denied lies in a layer of this overlay, or the layer in it: the overlay shows it under another name and identity. */
static int mask_in_overlay(struct masking *masking, const struct mountinfo_entry *overlay, const char *layer,
                           const char *path)
{
        const char *rest = mountinfo_below(layer, path);

        if (rest == NULL && mountinfo_below(path, layer) == NULL)
                return 0;
        if (rest != NULL && *rest != '\0')
                return mask_below(masking, overlay->point, rest);
        /* Over the root nothing can be put that would hide it: such a policy cannot be kept. */
        return strcmp(overlay->point, "/") == 0 ? -EBUSY : mask_place(masking, overlay->point);
}

static int mask_in_overlays(struct masking *masking, const char *path)
{
        int r = 0;

        for (const struct mountinfo_entry *overlay = masking->info.overlays; r == 0 && overlay != NULL;
             overlay = overlay->next_overlay) {
                for (char *const *layer = overlay->layers; r == 0 && layer != NULL && *layer != NULL; layer++)
                        r = mask_in_overlay(masking, overlay, *layer, path);
                if (r < 0 && *masking->ret_path == NULL)
                        *masking->ret_path = strdup(overlay->point);
        }
        return r;
}

/* What is denied lies on an overlay: each of its layers may hold it, too. */
static int mask_in_layers(struct masking *masking, const struct mountinfo_entry *own, const char *path)
{
        cleanup_free char *inside = NULL;
        int r = own->layers == NULL ? 0 : mountinfo_path_inside(own, path, &inside);

        for (size_t i = 0; r == 0 && inside != NULL && own->layers[i] != NULL; i++)
                r = mask_below(masking, own->layers[i], inside);
        return r;
}

static int mask_overlays(struct masking *masking, const struct mountinfo_entry *own, const char *path,
                         char *const *aliases)
{
        int r = own == NULL ? 0 : mask_in_layers(masking, own, path);

        if (r == 0)
                r = mask_in_overlays(masking, path);
        for (size_t i = 0; r == 0 && aliases != NULL && aliases[i] != NULL; i++)
                r = mask_in_overlays(masking, aliases[i]);
        return r;
}

static int compare(const void *a, const void *b)
{
        return strcmp(a, b);
}

/* 1 when the path was not seen before, else 0; -ENOMEM. */
static int see(struct masking *masking, const char *path)
{
        char *copy = strdup(path);
        char *const *node = copy == NULL ? NULL : tsearch(copy, &masking->seen, compare);

        if (node == NULL || *node != copy)
                free(copy);
        return node == NULL ? -ENOMEM : *node == copy;
}

/* `path`, which has no links, is what `place` was opened by. */
static int mask_opened(struct masking *masking, int place, const char *path)
{
        const struct mountinfo_entry *own;
        cleanup_strv char **aliases = NULL;
        cleanup_strv char **parts = NULL;
        struct identity identity = { 0 };
        int r = identify(place, &identity);

        if (r < 0)
                return r;
        own = mountinfo_find(&masking->info, identity.mount);
        r = mountinfo_aliases(&masking->info, own, path, &aliases, &parts);
        /* Before the masks: behind them layers and aliases could not be found any more. */
        if (r == 0)
                r = mask_overlays(masking, own, path, aliases);
        if (r == 0)
                r = cover_aliases(masking, aliases, &identity, true);
        if (r == 0)
                r = cover_aliases(masking, parts, &identity, false);
        return r < 0 ? r : cover(masking, place, &identity);
}

/* Most places are found again under the very path that was seen, by way of overlays and their layers: that is looked for first. */
static int mask_place(struct masking *masking, const char *found)
{
        cleanup_fd int place = -1;
        cleanup_free char *path = NULL;
        int r;

        if (tfind(found, &masking->seen, compare) != NULL)
                return 0;
        r = place_open(found, &place, &path);
        if (r < 0)
                return place_is_gone(r) ? 0 : r;
        r = see(masking, path);
        return r <= 0 ? r : mask_opened(masking, place, path);
}

static int mask_pattern(struct masking *masking, const char *pattern)
{
        cleanup_strv char **found = NULL;
        int r;

        if (wild_is_plain(pattern))
                return mask_place(masking, pattern);
        r = listing_expand(masking->listing, pattern, &found);
        for (size_t i = 0; r == 0 && found != NULL && found[i] != NULL; i++) {
                r = mask_place(masking, found[i]);
                if (r < 0 && *masking->ret_path == NULL)
                        *masking->ret_path = strdup(found[i]);
        }
        return r;
}

static int resolve_layers(struct mountinfo_entry *entry)
{
        cleanup_strv char **resolved = NULL;
        int r = 0;

        for (char *const *layer = entry->layers; r == 0 && layer != NULL && *layer != NULL; layer++) {
                cleanup_free char *path = realpath(*layer, NULL);

                if (path != NULL)
                        r = strv_append_once(&resolved, path);
                else if (errno == ENOMEM)
                        r = -ENOMEM;
        }
        strv_free(entry->layers);
        entry->layers = take_ptr(&resolved);
        return r;
}

static void masking_free(struct masking *masking)
{
        mountinfo_free(&masking->info);
        listing_free(masking->listing);
        fd_close(masking->empty_dir);
        fd_close(masking->empty_file);
        tdestroy(masking->seen, free);
}

static int open_mask(const struct masking *masking, const char *path, int *ret_mask)
{
        int fd = open(path, O_PATH | O_CLOEXEC);
        int r = fd < 0 ? -errno : 0;

        if (r < 0)
                *masking->ret_path = strdup(path);
        else
                *ret_mask = fd;
        return r;
}

static int masking_load(struct masking *masking)
{
        int r = mountinfo_load(&masking->info);

        for (struct mountinfo_entry *overlay = masking->info.overlays; r == 0 && overlay != NULL;
             overlay = overlay->next_overlay)
                r = resolve_layers(overlay);
        if (r == 0)
                r = open_mask(masking, MOUNTS_MASK_DIR, &masking->empty_dir);
        if (r == 0)
                r = open_mask(masking, MOUNTS_MASK_FILE, &masking->empty_file);
        if (r < 0)
                return r;
        masking->listing = listing_new();
        return masking->listing == NULL ? -ENOMEM : 0;
}

int mask_paths(char *const *patterns, char **ret_path)
{
        __attribute__((cleanup(masking_free))) struct masking masking = { .empty_dir = -1,
                                                                          .empty_file = -1,
                                                                          .ret_path = ret_path };
        int r = masking_load(&masking);

        for (size_t i = 0; r == 0 && patterns != NULL && patterns[i] != NULL; i++) {
                if (strncmp(patterns[i], "/proc/", 6) == 0)
                        continue;
                r = mask_pattern(&masking, patterns[i]);
                if (r < 0 && *ret_path == NULL)
                        *ret_path = strdup(patterns[i]);
        }
        return r;
}
