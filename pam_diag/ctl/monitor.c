#include "pam_diag/ctl/monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"

enum { FILE_MOST = 64 * 1024, PATH_SIZE = 64, KILLED_MS = 5000 };

/* A field of a file such as /proc/PID/status (proc(5)): its first word. */
static int field(const char *path, const char *name, char *ret_value, size_t size)
{
        cleanup_free char *text = NULL;
        size_t length;
        size_t n = strlen(name);
        int r = fd_read_file(path, FILE_MOST, &text, &length);

        for (const char *line = text; r == 0 && line != NULL; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, name, n) != 0 || line[n] != ':')
                        continue;
                line += n + 1;
                line += strspn(line, " \t");
                n = strcspn(line, " \t\n");
                if (n >= size)
                        return -EBADMSG;
                memcpy(ret_value, line, n);
                ret_value[n] = '\0';
                return 0;
        }
        return r < 0 ? r : -EBADMSG;
}

static int number(const char *path, const char *name, int64_t *ret_number)
{
        char value[32];
        int r = field(path, name, value, sizeof(value));

        return r == 0 ? num_parse_i64(value, -1, INT64_MAX, ret_number) : r;
}

/* -1 once the process has been reaped. */
static int pid_behind(int pidfd, int64_t *ret_pid)
{
        char path[PATH_SIZE];

        (void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
        return number(path, "Pid", ret_pid);
}

static bool has(int64_t pid, const char *name, int64_t wanted)
{
        char path[PATH_SIZE];
        int64_t found = 0;

        (void)snprintf(path, sizeof(path), "/proc/%lld/status", (long long)pid);
        return number(path, name, &found) == 0 && found == wanted;
}

/* From OpenSSH 9.8 on the monitor runs sshd-session. */
static bool runs_sshd(int64_t pid)
{
        char path[PATH_SIZE];
        char target[4096];
        const char *slash;
        ssize_t n;

        (void)snprintf(path, sizeof(path), "/proc/%lld/exe", (long long)pid);
        n = readlink(path, target, sizeof(target) - 1);
        target[n < 0 ? 0 : n] = '\0';
        slash = strrchr(target, '/');
        return slash != NULL && strncmp(slash, "/sshd", strlen("/sshd")) == 0;
}

static int send_signal(int pidfd, int number_of)
{
        return syscall(SYS_pidfd_send_signal, pidfd, number_of, NULL, 0) < 0 ? -errno : 0;
}

static int wait_end(int pidfd, int timeout_ms)
{
        struct pollfd wait = { .fd = pidfd, .events = POLLIN };
        int n = poll(&wait, 1, timeout_ms);

        return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : 0;
}

int monitor_prove(int pidfd, int64_t pid)
{
        int64_t behind = 0;
        bool fits;

        if (pid_behind(pidfd, &behind) < 0)
                return -ENXIO;
        if (behind < 0)
                return -ESRCH;
        fits = behind == pid && has(pid, "Uid", 0) && has(pid, "NoNewPrivs", 1) && has(pid, "Seccomp", 2) &&
               runs_sshd(pid);
        /* Ready for reading once the process has ended (pidfd_open(2)): one that its parent has not waited for yet has a pid and takes signals,
         * but runs no program any more. */
        if (wait_end(pidfd, 0) == 0)
                return -ESRCH;
        return fits ? 0 : -ENXIO;
}

/* Safe: the pidfd is opened first, and then the process behind it has this parent, which is alive and therefore the one that it was: it is
 * a child of the monitor and nobody else. */
static void kill_child(int monitor, int64_t parent, int64_t pid)
{
        cleanup_fd int child = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);

        if (child >= 0 && has(pid, "PPid", parent) && send_signal(child, 0) == 0 && send_signal(monitor, 0) == 0)
                (void)send_signal(child, SIGKILL);
}

static void kill_children(int monitor)
{
        cleanup_free char *text = NULL;
        char path[PATH_SIZE];
        int64_t parent = 0;
        size_t length;

        if (pid_behind(monitor, &parent) < 0 || parent <= 0)
                return;
        (void)snprintf(path, sizeof(path), "/proc/%lld/task/%lld/children", (long long)parent, (long long)parent);
        if (fd_read_file(path, FILE_MOST, &text, &length) < 0)
                return;
        for (char *next = text; *next != '\0';) {
                size_t n = strcspn(next, " \n");
                int64_t pid = 0;
                bool last = next[n] == '\0';

                next[n] = '\0';
                if (num_parse_i64(next, 1, INT32_MAX, &pid) == 0)
                        kill_child(monitor, parent, pid);
                next += n + !last;
        }
}

int monitor_end(int pidfd, int patience_ms)
{
        int r = send_signal(pidfd, SIGTERM);

        if (r == 0)
                r = wait_end(pidfd, patience_ms);
        if (r == -ETIMEDOUT) {
                kill_children(pidfd);
                r = send_signal(pidfd, SIGKILL);
                if (r == 0)
                        r = wait_end(pidfd, KILLED_MS);
        }
        return r == -ESRCH ? 0 : r;
}
