#include "pam_diag/module/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/wire/control.h"

enum { HIGHEST_SIGNAL = 64, STACK_SIZE = 8 * 1024 };

/* Both children live in sshd's memory until the supervisor's exec, as those of vfork(2) do, and sshd waits meanwhile: copying its page
 * tables, and its pages one by one when it goes on, takes longer than all that they do. Safe: every signal is blocked, so that no handler
 * of sshd's runs in them; each has a stack of its own; they call async-signal-safe functions only, and _exit. */
struct spawning {
        const char *path;
        int socket;
};

/* Static: should the first process be killed, sshd goes on before the second one's exec. */
static _Alignas(16) char stacks[2][STACK_SIZE];

static void signals_reset(void)
{
        sigset_t none;

        for (int s = 1; s <= HIGHEST_SIGNAL; s++)
                (void)signal(s, SIG_DFL);
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* exec at once: until then it sees sshd's host keys. Safe: the path comes from the PAM service file, which is root's; nothing of the
 * connection is in arguments or environment; every descriptor but the control socket is closed on exec. */
static int become_supervisor(void *data)
{
        const struct spawning *spawning = data;
        int socket = spawning->socket;
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
        execve(spawning->path, argv, environment);
        _exit(1);
}

/* As vfork(2), on another stack: the caller goes on when that one has exec'ed or ended. */
static pid_t begin(int (*run)(void *data), char *stack, void *data)
{
        return clone(run, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, data);
}

/* It ends at once, and the supervisor is nobody's child here: sshd waits for its own children. */
static int leave_supervisor(void *data)
{
        if (setsid() < 0 || begin(become_supervisor, stacks[1], data) < 0)
                _exit(1);
        _exit(0);
}

static int wait_for(pid_t pid)
{
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return errno == ECHILD ? 0 : -errno; /* ECHILD: SIGCHLD is ignored here, nobody can wait */
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

int spawn_supervisor(const char *path, int socket)
{
        static struct spawning spawning;
        sigset_t all, before;
        pid_t between;
        int r;

        spawning = (struct spawning){ .path = path, .socket = socket };
        sigfillset(&all);
        if (sigprocmask(SIG_SETMASK, &all, &before) < 0)
                return -errno;
        between = begin(leave_supervisor, stacks[0], &spawning);
        r = between < 0 ? -errno : 0;
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        return r < 0 ? r : wait_for(between);
}
