#include "pam_diag/confine/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

#define EMPTY_SIZE "size=64k,nr_inodes=16"

/* Files that sshd's monitor writes for its user's pty (login_write of OpenSSH, pam_lastlog). */
static const char *const keepers[] = { "/run/utmp", "/var/log/wtmp", "/var/log/lastlog" };
enum { KEEPERS = sizeof(keepers) / sizeof(keepers[0]) };

/* A detached copy of each file's mount, taken while it is still writable. Safe: they are single regular files, writable for
 * root and group utmp alone, and nosuid, noexec, nodev from here on. */
static int keepers_take(int fds[KEEPERS])
{
        struct mount_attr attributes = {
                .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                .propagation = MS_PRIVATE,
        };

        for (size_t i = 0; i < KEEPERS; i++) {
                struct stat status;

                if (lstat(keepers[i], &status) < 0 || !S_ISREG(status.st_mode))
                        continue;
                fds[i] = open_tree(AT_FDCWD, keepers[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
                if (fds[i] < 0 || mount_setattr(fds[i], "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
                        return -errno;
        }
        return 0;
}

static int keepers_put(const int fds[KEEPERS])
{
        for (size_t i = 0; i < KEEPERS; i++)
                if (fds[i] >= 0 && move_mount(fds[i], "", AT_FDCWD, keepers[i], MOVE_MOUNT_F_EMPTY_PATH) < 0)
                        return -errno;
        return 0;
}

static int tree_seal(void)
{
        struct mount_attr attributes = {
                .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,
                .propagation = MS_PRIVATE,
        };

        /* One call for attributes and propagation: between two, a mount of the host could still come in, and with
         * MS_SLAVE it could do so for ever, uncovering what a mask hides. */
        if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof(attributes)) < 0)
                return -errno;
        return 0;
}

int mounts_isolate(const char **ret_where)
{
        int fds[KEEPERS] = { -1, -1, -1 };
        int r;

        /* Changes only the caller's own view; needs CAP_SYS_ADMIN, which sshd's monitor has. No file is open for writing
         * in the new tree: open files keep pointing at the old mounts, so sealing cannot meet EBUSY. */
        *ret_where = "a mount and IPC namespace of its own";
        if (unshare(CLONE_NEWNS | CLONE_NEWIPC) < 0)
                return -errno;
        *ret_where = "the login records";
        r = keepers_take(fds);
        if (r == 0) {
                *ret_where = "a read-only mount tree";
                r = tree_seal();
        }
        if (r == 0) {
                *ret_where = "the login records";
                r = keepers_put(fds);
        }
        for (size_t i = 0; i < KEEPERS; i++)
                fd_close(fds[i]);
        if (r < 0)
                return r;
        /* A fresh instance holds no pty but those that this connection makes: other sessions' terminals are not there
         * to be opened. sshd sets owner and mode of each pty itself. */
        *ret_where = "a /dev/pts of its own";
        if (mount("devpts", MOUNTS_PTS, "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620") < 0)
                return -errno;
        return 0;
}

static int seal_here(const char *path)
{
        struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

        if (mount_setattr(AT_FDCWD, path, 0, &attributes, sizeof(attributes)) < 0)
                return -errno;
        return 0;
}

static int mount_empty(const char *options)
{
        if (mount("diag", MOUNTS_SHM, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
                return -errno;
        return 0;
}

int mounts_stock(const char **ret_where, dev_t *ret_device)
{
        struct stat status;
        int fd;
        int r;

        *ret_where = "the masks' stock on /dev/shm";
        r = mount_empty("mode=0700," EMPTY_SIZE);
        if (r < 0)
                return r;
        if (mkdir(MOUNTS_MASK_DIR, 0000) < 0)
                return -errno;
        fd = open(MOUNTS_MASK_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0000);
        if (fd < 0)
                return -errno;
        fd_close(fd);
        if (stat(MOUNTS_MASK_DIR, &status) < 0)
                return -errno;
        *ret_device = status.st_dev;
        return seal_here(MOUNTS_SHM);
}

int mounts_finish(const char **ret_where)
{
        int r;

        *ret_where = "an empty /dev/shm";
        r = mount_empty("mode=0555," EMPTY_SIZE);
        return r < 0 ? r : seal_here(MOUNTS_SHM);
}
