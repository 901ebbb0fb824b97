#include "pam_diag/confine/cgroup_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

enum { TEXT_MOST = 4096 };

/* Safe: a file of cgroupfs below a directory that is held open; what is written is made of constants and numbers. */
static int write_file(int group, const char *name, const char *text)
{
        cleanup_fd int fd = openat(group, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

static bool names(const char *list, const char *name)
{
        size_t n = strlen(name);

        for (const char *at = list; *at != '\0'; at += strspn(at, " \n")) {
                size_t length = strcspn(at, " \n");

                if (length == n && strncmp(at, name, n) == 0)
                        return true;
                at += length;
        }
        return false;
}

/* Written only where it is not so yet: the kernel looks at every process below for it. */
int cgroup_limit_enable(int group)
{
        char text[TEXT_MOST] = "";
        cleanup_fd int fd = openat(group, "cgroup.subtree_control", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        if (n < 0)
                return -errno;
        if (names(text, "memory") && names(text, "pids"))
                return 0;
        return write_file(group, "cgroup.subtree_control", "+memory +pids");
}

/* systemd.resource-control(5), Delegate=; the mark is user.delegate or, by older ones, trusted.delegate. Where the group is root's,
 * only root writes either. */
bool cgroup_limit_is_delegated(int group)
{
        static const char *const marks[] = { "user.delegate", "trusted.delegate" };
        struct stat info;
        char value;

        if (fstat(group, &info) < 0 || info.st_uid != 0)
                return false;
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
                if (fgetxattr(group, marks[i], &value, sizeof(value)) == 1 && value == '1')
                        return true;
        return false;
}

static int set_number(int group, const char *name, uint64_t number)
{
        char text[32];

        if (number == 0)
                return 0;
        (void)snprintf(text, sizeof(text), "%" PRIu64, number);
        return write_file(group, name, text);
}

/* Memory that is moved out to the disk would be used up all the same, and the disk with it: none is. A kernel without swap has no such file.
 *
 * memory.oom.group stays off: with the process that took too much, the other commands of the session would end, and each diag-shell, which has
 * to tell its client what happened. */
int cgroup_limit_set(int group, const struct cgroup_limits *limits)
{
        int r = set_number(group, "memory.max", limits->memory_most);

        if (r == 0 && limits->memory_most != 0)
                r = write_file(group, "memory.swap.max", "0");
        if (r == -ENOENT && limits->memory_most != 0 && faccessat(group, "memory.max", F_OK, 0) == 0)
                r = 0;
        return r == 0 ? set_number(group, "pids.max", limits->processes_most) : r;
}
