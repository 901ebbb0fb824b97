#include "pam_diag/shell/reap.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"

enum { CHILDREN_MOST = 64 * 1024 * 1024 };

int reap_prepare(void)
{
        char path[64];

        /* Without this file (CONFIG_PROC_CHILDREN) what a command leaves behind could not be found: then nothing starts. */
        (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
        if (access(path, R_OK) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
                return -errno;
        return 0;
}

bool reap_collect(struct reaped *stages, size_t count)
{
        for (;;) {
                struct rusage usage;
                int status;
                pid_t pid = wait4(-1, &status, WNOHANG, &usage);

                if (pid == 0)
                        return true;
                if (pid < 0)
                        return errno == EINTR;
                for (size_t i = 0; i < count; i++)
                        if (stages[i].pid == pid)
                                stages[i] = (struct reaped){
                                        .pid = pid, .done = true, .status = status, .usage = usage
                                };
        }
}

/* proc(5): /proc/PID/task/TID/children, pids with a blank behind each. */
void reap_kill_children(const struct reaped *stages, size_t count)
{
        char path[64];
        cleanup_free char *list = NULL;
        size_t length;
        char *next;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
        if (fd_read_file(path, CHILDREN_MOST, &list, &length) < 0) {
                for (size_t i = 0; i < count; i++)
                        if (!stages[i].done) {
                                (void)kill(-stages[i].pid, SIGKILL);
                                (void)kill(stages[i].pid, SIGKILL);
                        }
                return;
        }
        for (char *pid = list; (next = strchr(pid, ' ')) != NULL; pid = next + 1) {
                uint64_t number;

                *next = '\0';
                /* A child stays a child until this process waits for it: the number cannot have become somebody else's. */
                if (num_parse_u64(pid, 2, INT_MAX, &number) == 0)
                        (void)kill((pid_t)number, SIGKILL);
        }
}
