#include "pam_diag/module/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/wire/control.h"

enum { HIGHEST_SIGNAL = 64 };

/* Both are called between fork and exec, in a copy of sshd: async-signal-safe functions only, and _exit. */

static void signals_reset(void)
{
        sigset_t none;

        for (int s = 1; s <= HIGHEST_SIGNAL; s++)
                (void)signal(s, SIG_DFL);
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* exec, not only fork: the copy holds sshd's host keys until its memory is replaced. Safe: the path comes from the PAM service
 * file, which is root's; nothing of the connection is in arguments or environment; every descriptor but the control socket is
 * closed on exec. */
static __attribute__((noreturn)) void become_supervisor(const char *path, int socket)
{
        char name[] = "diag-supervisor";
        char *const argv[] = { name, NULL };
        char *const environment[] = { NULL };
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        signals_reset();
        if (null < 0 || socket <= CONTROL_FD || null <= CONTROL_FD) {
                /* The low numbers are about to be replaced: move what must live above them. */
                socket = fcntl(socket, F_DUPFD_CLOEXEC, CONTROL_FD + 1);
                null = null < 0 ? null : fcntl(null, F_DUPFD_CLOEXEC, CONTROL_FD + 1);
        }
        if (null < 0 || socket < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
            dup2(socket, CONTROL_FD) < 0 || close_range(CONTROL_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0 || chdir("/") < 0)
                _exit(1);
        execve(path, argv, environment);
        _exit(1);
}

int spawn_supervisor(const char *path, int socket)
{
        pid_t between = fork();
        int status;

        if (between < 0)
                return -errno;
        if (between == 0) {
                pid_t supervisor = setsid() < 0 ? -1 : fork();

                if (supervisor == 0)
                        become_supervisor(path, socket);
                _exit(supervisor < 0 ? 1 : 0);
        }
        while (waitpid(between, &status, 0) < 0)
                if (errno != EINTR)
                        return errno == ECHILD ? 0 : -errno; /* ECHILD: SIGCHLD is ignored here, nobody can wait */
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}
