#include "pam_diag/confine/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/confine/mountinfo.h"
#include "pam_diag/confine/mounts.h"

static bool is_gone(int error)
{
        return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

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
static int cover(int place, const struct identity *identity)
{
        cleanup_fd int tree = open_tree(AT_FDCWD, S_ISDIR(identity->mode) ? MOUNTS_MASK_DIR : MOUNTS_MASK_FILE,
                                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

        if (tree < 0)
                return -errno;
        if (move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
                return 0;
        /* ENOENT: removed since it was opened, so that no name leads to it. */
        return errno == ENOENT ? 0 : -errno;
}

/* An alias is covered only where the same file is really seen, a part only where its filesystem is: another mount may lie on top. */
static int cover_alias(const struct mountinfo *info, const char *path, const struct identity *original, bool whole)
{
        cleanup_fd int place = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
        struct identity identity = { 0 };
        int r;

        if (place < 0)
                return is_gone(-errno) ? 0 : -errno;
        r = identify(place, &identity);
        if (r < 0)
                return r;
        if (whole ? identity.device != original->device || identity.inode != original->inode
                  : !mountinfo_same_filesystem(info, identity.mount, original->mount))
                return 0;
        return cover(place, &identity);
}

static int cover_aliases(const struct mountinfo *info, char *const *paths, const struct identity *original, bool whole,
                         char **ret_path)
{
        int r = 0;

        for (size_t i = 0; r == 0 && paths != NULL && paths[i] != NULL; i++) {
                r = cover_alias(info, paths[i], original, whole);
                if (r < 0)
                        *ret_path = strdup(paths[i]);
        }
        return r;
}

static int mask_place(const struct mountinfo *info, const char *found, char **ret_path)
{
        cleanup_free char *path = realpath(found, NULL);
        cleanup_fd int place = path == NULL ? -1 : open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
        cleanup_strv char **aliases = NULL;
        cleanup_strv char **parts = NULL;
        struct identity identity = { 0 };
        int r;

        if (place < 0)
                return is_gone(-errno) ? 0 : -errno;
        r = identify(place, &identity);
        if (r == 0)
                r = mountinfo_aliases(info, identity.mount, path, &aliases, &parts);
        if (r == 0)
                r = cover_aliases(info, aliases, &identity, true, ret_path);
        if (r == 0)
                r = cover_aliases(info, parts, &identity, false, ret_path);
        return r < 0 ? r : cover(place, &identity);
}

/* A directory that is not there hides nothing; one that cannot be read may. */
static int glob_failed(const char *path, int error)
{
        (void)path;
        return !is_gone(-error);
}

static int mask_pattern(const struct mountinfo *info, const char *pattern, char **ret_path)
{
        glob_t found = { 0 };
        int r = 0;

        switch (glob(pattern, GLOB_NOSORT, glob_failed, &found)) {
        case 0:
                break;
        case GLOB_NOMATCH:
                return 0;
        case GLOB_NOSPACE:
                return -ENOMEM;
        default:
                return -EIO;
        }
        for (size_t i = 0; r == 0 && i < found.gl_pathc; i++) {
                r = mask_place(info, found.gl_pathv[i], ret_path);
                if (r < 0 && *ret_path == NULL)
                        *ret_path = strdup(found.gl_pathv[i]);
        }
        globfree(&found);
        return r;
}

int mask_paths(char *const *patterns, char **ret_path)
{
        cleanup_mountinfo struct mountinfo info = { 0 };
        int r = mountinfo_load(&info);

        for (size_t i = 0; r == 0 && patterns != NULL && patterns[i] != NULL; i++) {
                if (strncmp(patterns[i], "/proc/", 6) == 0)
                        continue;
                r = mask_pattern(&info, patterns[i], ret_path);
                if (r < 0 && *ret_path == NULL)
                        *ret_path = strdup(patterns[i]);
        }
        return r;
}
