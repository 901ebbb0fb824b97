#include "pam_diag/ctl/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

enum { OUTPUT_MOST = 1024 * 1024, SECONDS_MOST = 20, NOT_RUN = 127 };

static _Noreturn void become(char *const argv[], int output)
{
        int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

        /* An alarm survives the exec and ends a program that hangs (execve(2)). */
        (void)alarm(SECONDS_MOST);
        if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
            dup2(output, STDERR_FILENO) >= 0) {
                char locale[] = "LC_ALL=C";
                char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
                char *environment[] = { locale, path, NULL };

                (void)execve(argv[0], argv, environment);
        }
        _exit(NOT_RUN);
}

int capture(char *const argv[], char **ret_text, int *ret_status)
{
        cleanup_fd int ours = -1;
        int ends[2];
        size_t length = 0;
        int status = 0;
        pid_t child;
        int r;

        if (access(argv[0], X_OK) < 0 || pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        ours = ends[0];
        child = fork();
        if (child == 0)
                become(argv, ends[1]);
        r = child < 0 ? -errno : 0;
        (void)fd_close(ends[1]);
        if (r < 0)
                return r;
        r = fd_read_all(ours, OUTPUT_MOST, ret_text, &length);
        if (r < 0)
                (void)kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return r;
}
