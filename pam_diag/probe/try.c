#include "pam_diag/probe/try.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

enum { ATTEMPT_SECONDS = 10 };

static int wait_for(pid_t pid, int *ret_status)
{
        while (waitpid(pid, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

int try_apart(attempt_function *attempt, const void *context, int *ret_got)
{
        cleanup_fd int answer_read = -1;
        cleanup_fd int answer_write = -1;
        int r = fd_pipe(&answer_read, &answer_write);
        int status = 0;
        int got = 0;
        ssize_t n;
        pid_t pid;

        if (r < 0)
                return r;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                (void)alarm(ATTEMPT_SECONDS);
                got = attempt(context);
                (void)fd_write_all(answer_write, &got, sizeof(got));
                _exit(0);
        }
        /* An exec closes the pipe too: nothing is read then, and the attempt was done. */
        answer_write = fd_close(answer_write);
        do
                n = read(answer_read, &got, sizeof(got));
        while (n < 0 && errno == EINTR);
        r = wait_for(pid, &status);
        if (n != (ssize_t)sizeof(got))
                got = WIFSIGNALED(status) ? TRY_BY_SIGNAL(WTERMSIG(status)) : 0;
        *ret_got = got;
        return r;
}

int try_harmless(void)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

        if (geteuid() == 0 || getuid() == 0)
                return -EPERM;
        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
                if (data[i].effective != 0 || data[i].permitted != 0)
                        return -EPERM;
        return 0;
}

static int execute(const void *context)
{
        const struct try_exec *exec = context;
        char *const none[] = { NULL };

        (void)execve(exec->program, exec->argv, none);
        return -errno;
}

int try_exec_apart(const struct try_exec *exec, int *ret_got)
{
        return try_apart(execute, exec, ret_got);
}
