#include "pam_diag/confine/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/confine/cgroup_path.h"

enum { TEXT_MOST = 64 * 1024, TRIES = 200, TRY_MS = 1 };

void cgroup_free(struct cgroup *group)
{
        free(group->path);
        fd_close(group->procs);
        fd_close(group->home);
        *group = CGROUP_INIT;
}

/* Where systemd mounts it: alone, or beside version 1. */
static const char *find_hierarchy(void)
{
        static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
        struct statfs fs;

        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
                if (statfs(places[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
                        return places[i];
        return NULL;
}

/* Where groups of sessions are made. */
struct parent {
        char *path;
        int fd;
        int home; /* cgroup.procs of the caller's own group */
        bool limits; /* what is made in it has the controllers */
};

#define PARENT_INIT ((struct parent){ .fd = -1, .home = -1 })

static void parent_free(struct parent *parent)
{
        free(parent->path);
        fd_close(parent->fd);
        fd_close(parent->home);
}

static int find_own(char **ret_path)
{
        const char *hierarchy = find_hierarchy();
        cleanup_free char *text = NULL;
        cleanup_free char *own = NULL;
        cleanup_free char *path = NULL;
        size_t length;
        int r = hierarchy == NULL ? -ENOENT : fd_read_file("/proc/self/cgroup", TEXT_MOST, &text, &length);

        if (r == 0)
                r = cgroup_parse(text, &own);
        if (r < 0)
                return r;
        if (own == NULL)
                return -ENOENT;
        if (asprintf(&path, "%s%s", hierarchy, strcmp(own, "/") == 0 ? "" : own) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        *ret_path = take_ptr(&path);
        return 0;
}

static int open_group(const char *path)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : fd;
}

static int open_home(const char *own, int *ret_home)
{
        cleanup_fd int group = open_group(own);
        int home = group < 0 ? -1 : openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

        if (home < 0)
                return group < 0 ? group : -errno;
        *ret_home = home;
        return 0;
}

/* sshd's own group has sshd in it, and gives controllers only where it is the root of the hierarchy. Above it is the unit's, which has no
 * processes when systemd was asked to leave it to sshd: then `path` becomes that one. */
static bool find_controllers(char *path)
{
        cleanup_fd int own = open_group(path);
        cleanup_fd int above = -1;
        char *slash = strrchr(path, '/');

        if (own < 0 || cgroup_limit_enable(own) == 0)
                return own >= 0;
        *slash = '\0';
        above = open_group(path);
        if (above >= 0 && cgroup_limit_is_delegated(above) && cgroup_limit_enable(above) == 0)
                return true;
        *slash = '/';
        return false;
}

/* Its owner may remove the groups in it. */
static int make_parent(uid_t owner, bool limits, struct parent *ret_parent)
{
        __attribute__((cleanup(parent_free))) struct parent made = PARENT_INIT;
        cleanup_free char *base = NULL;
        int r = find_own(&base);

        if (r == 0)
                r = open_home(base, &made.home);
        if (r < 0)
                return r;
        made.limits = limits && find_controllers(base);
        if (asprintf(&made.path, "%s/pam_diag", base) < 0) {
                made.path = NULL;
                return -ENOMEM;
        }
        if (mkdir(made.path, 0755) < 0 && errno != EEXIST)
                return -errno;
        made.fd = open_group(made.path);
        /* Safe: a directory of cgroupfs, on the descriptor; its owner can make and remove empty groups in it, nothing else. */
        if (made.fd < 0 || fchown(made.fd, owner, (gid_t)-1) < 0)
                return made.fd < 0 ? made.fd : -errno;
        made.limits = made.limits && cgroup_limit_enable(made.fd) == 0;
        *ret_parent = made;
        made = PARENT_INIT;
        return 0;
}

/* The file that moves processes, locked (flock(2)): the lock is held for as long as anybody has this descriptor, which is to be the
 * session's supervisor. -EAGAIN when somebody else has it. */
static int open_procs(int parent, const char *name, int *ret_procs)
{
        cleanup_fd int group = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        cleanup_fd int procs = group < 0 ? -1 : openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

        if (procs < 0 || flock(procs, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        *ret_procs = take_fd(&procs);
        return 0;
}

/* Groups whose supervisor was killed before it could remove them. */
static void sweep(int parent)
{
        cleanup_fd int list = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *directory = list < 0 ? NULL : fdopendir(list);
        const struct dirent *entry;

        if (directory == NULL)
                return;
        list = -1; /* closedir's now */
        while ((entry = readdir(directory)) != NULL) {
                cleanup_fd int procs = -1;

                if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
                    open_procs(parent, entry->d_name, &procs) == 0)
                        (void)unlinkat(parent, entry->d_name, AT_REMOVEDIR);
        }
        (void)closedir(directory);
}

/* Another session may be sweeping it away before it is locked: then once more. */
static int make_group(int parent, const char *name, int *ret_procs)
{
        for (unsigned i = 0; i < TRIES; i++) {
                cleanup_fd int procs = -1;
                int r;

                if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
                        return -errno;
                r = open_procs(parent, name, &procs);
                if (r == -ENOENT || r == -ENODEV || r == -EAGAIN || (r == 0 && faccessat(parent, name, F_OK, 0) < 0)) {
                        (void)poll(NULL, 0, TRY_MS);
                        continue;
                }
                if (r == 0)
                        *ret_procs = take_fd(&procs);
                return r;
        }
        return -EBUSY;
}

/* The files stay root's: nobody raises what the module has set. */
static bool limit(const struct parent *parent, const char *name, const struct cgroup_limits *limits)
{
        cleanup_fd int group = openat(parent->fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return group >= 0 && cgroup_limit_set(group, limits) == 0;
}

int cgroup_make(const char *name, uid_t owner, const struct cgroup_limits *limits, struct cgroup *ret_group)
{
        __attribute__((cleanup(parent_free))) struct parent parent = PARENT_INIT;
        cleanup_cgroup struct cgroup made = CGROUP_INIT;
        cleanup_free char *kill_file = NULL;
        bool wanted = limits->memory_most != 0 || limits->processes_most != 0;
        int r = make_parent(owner, wanted, &parent);

        if (r < 0)
                return r;
        sweep(parent.fd);
        r = make_group(parent.fd, name, &made.procs);
        if (r < 0)
                return r;
        if (asprintf(&kill_file, "%s/cgroup.kill", name) < 0) {
                kill_file = NULL;
                return -ENOMEM;
        }
        /* Safe: that file does one thing, and to the processes of this session alone. */
        if (fchownat(parent.fd, kill_file, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (asprintf(&made.path, "%s/%s", parent.path, name) < 0) {
                made.path = NULL;
                return -ENOMEM;
        }
        made.limited = parent.limits && limit(&parent, name, limits);
        made.home = take_fd(&parent.home);
        *ret_group = made;
        made = CGROUP_INIT;
        return 0;
}
