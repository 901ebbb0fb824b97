/* ctl/monitor.c: what is sshd's monitor of a session, and how it is ended. The real one is in tests/e2e/operator.sh. */
#include "pam_diag/ctl/monitor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "pam_diag/base/fd.h"
#include "tests/unit/sql_help.h"

static int pidfd_of(pid_t pid)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);

        ck_assert_int_ge(fd, 0);
        return fd;
}

/* A child that waits for its end; when it is `deaf` to the polite signal, it has a child of its own. */
static pid_t start(bool deaf, pid_t *ret_grandchild)
{
        cleanup_fd int in = -1;
        cleanup_fd int out = -1;
        pid_t pid;

        ck_assert_int_eq(fd_pipe(&in, &out), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                pid_t child;

                (void)signal(SIGTERM, deaf ? SIG_IGN : SIG_DFL); /* Check has a handler of its own */
                child = deaf ? fork() : 0;
                if ((child > 0 || !deaf) && write(out, &child, sizeof(child)) != sizeof(child))
                        _exit(1);
                for (;;)
                        (void)pause();
        }
        ck_assert_int_eq(read(in, ret_grandchild, sizeof(*ret_grandchild)), sizeof(*ret_grandchild));
        return pid;
}

START_TEST(another_process_is_none)
{
        pid_t none;
        pid_t child = start(false, &none);
        cleanup_fd int fd = pidfd_of(child);

        ck_assert_int_eq(monitor_prove(fd, child), -ENXIO);
        ck_assert_int_eq(monitor_prove(fd, child + 1), -ENXIO);
        ck_assert_int_eq(monitor_prove(0, child), -ENXIO); /* no pidfd at all */
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
        ck_assert_int_eq(monitor_prove(fd, child), -ESRCH); /* its parent has not waited for it yet */
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        ck_assert_int_eq(monitor_prove(fd, child), -ESRCH);
}
END_TEST

START_TEST(a_polite_one_ends_at_once)
{
        pid_t none;
        pid_t child = start(false, &none);
        cleanup_fd int fd = pidfd_of(child);
        int status = 0;

        ck_assert_int_eq(monitor_end(fd, 60000), 0);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(WTERMSIG(status), SIGTERM);
        ck_assert_int_eq(monitor_end(fd, 60000), 0); /* it is gone already */
}
END_TEST

/* Both are ours to reap: the grandchild comes to us when its parent dies. */
START_TEST(a_deaf_one_is_killed_with_its_children)
{
        cleanup_fd int fd = -1;
        pid_t child, grandchild = 0;
        int status = 0;

        ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        child = start(true, &grandchild);
        fd = pidfd_of(child);
        ck_assert_int_eq(monitor_end(fd, 10), 0);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
        ck_assert_int_eq(waitpid(grandchild, &status, 0), grandchild);
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { another_process_is_none, a_polite_one_ends_at_once,
                                       a_deaf_one_is_killed_with_its_children };

        return RUN_SUITE("ctl_monitor", tests);
}
