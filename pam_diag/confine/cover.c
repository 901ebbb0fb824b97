#include "pam_diag/confine/cover.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

/* A directory that every session needs to be there; the tmpfs lies on it for a moment, unseen by everybody else. */
#define STAGING "/dev/shm"
#define STAGED STAGING "/text"

static int write_staged(const char *data, size_t length)
{
        cleanup_fd int fd = open(STAGED, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (fd < 0 || fchmod(fd, 0644) < 0)
                return -errno;
        return fd_write_all(fd, data, length);
}

/* A mount of the one file that is in no tree yet, and keeps its filesystem when STAGING is itself again. */
static int stage(const char *data, size_t length, int *ret_tree)
{
        cleanup_fd int tree = -1;
        int r;

        if (mount("diag-probe", STAGING, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") < 0)
                return -errno;
        r = write_staged(data, length);
        if (r == 0) {
                tree = open_tree(AT_FDCWD, STAGED, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
                r = tree < 0 ? -errno : 0;
        }
        if (umount2(STAGING, MNT_DETACH) < 0 && r == 0)
                r = -errno;
        if (r < 0)
                return r;
        *ret_tree = take_fd(&tree);
        return 0;
}

int cover_file(const char *path, const char *data, size_t length, const char **ret_where)
{
        cleanup_fd int tree = -1;
        int r;

        /* Private before anything is mounted: nothing of it reaches the host's tree. */
        *ret_where = "a mount namespace of its own";
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return -errno;
        *ret_where = "a tmpfs on " STAGING;
        r = stage(data, length, &tree);
        if (r < 0)
                return r;
        *ret_where = path;
        if (move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) < 0)
                return -errno;
        return 0;
}
