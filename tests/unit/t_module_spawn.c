/* module/spawn.c */
#include "tests/unit/t_help.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/module/spawn.h"

static char script[] = "/tmp/t_spawn.XXXXXX";
static volatile sig_atomic_t handled;

static void handle(int signal)
{
        handled = signal;
}

enum { OPEN_HERE = 42 };

/* In the supervisor's place: what it was given, on the control socket. Nothing but what every sh has in itself: a package's build may have no
 * more. Signals 32 and 33 are the C library's own: signal(2) does not touch them, and whoever started this may have them ignored. */
static void setup(void)
{
        static const char text[] = "#!/bin/sh\n"
                                   "[ -z \"$HOME$PARENT\" ] && echo no environment >&3\n"
                                   "echo arguments $# directory $(pwd) >&3\n"
                                   "for fd in 0 1 2; do\n"
                                   "  [ /proc/$$/fd/$fd -ef /dev/null ] && echo $fd is /dev/null >&3\n"
                                   "done\n"
                                   "[ -e /proc/$$/fd/42 ] || echo no other descriptor >&3\n"
                                   "while read -r name value; do\n"
                                   "  case $name in\n"
                                   "  SigBlk: | SigIgn:) echo $name $((0x$value & 0x7fffffff)) >&3 ;;\n"
                                   "  esac\n"
                                   "done </proc/$$/status\n"
                                   "kill -USR1 $$\n"
                                   "echo still there >&3\n";
        int fd;

        strcpy(script, "/tmp/t_spawn.XXXXXX");
        fd = mkstemp(script);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fd_write_all(fd, text, sizeof(text) - 1), 0);
        ck_assert_int_eq(fchmod(fd, 0755), 0);
        ck_assert_int_eq(close(fd), 0);
        ck_assert_int_eq(setenv("PARENT", "sshd", 1), 0);
}

static void teardown(void)
{
        (void)unlink(script);
}

static char *spawn_and_read(const char *path)
{
        cleanup_fd int own = -1;
        char *said = NULL;
        size_t length;
        int ends[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        own = ends[0];
        ck_assert_int_eq(spawn_supervisor(path, ends[1]), 0);
        ck_assert_int_eq(close(ends[1]), 0);
        ck_assert_int_eq(fd_read_all(own, 4096, &said, &length), 0);
        return said;
}

START_TEST(the_supervisor_gets_nothing_but_its_socket)
{
        struct sigaction ours = { .sa_handler = handle };
        cleanup_free char *said = NULL;

        ck_assert_int_eq(dup2(2, OPEN_HERE), OPEN_HERE); /* not close-on-exec */
        ck_assert_int_eq(sigaction(SIGUSR1, &ours, NULL), 0);
        ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
        said = spawn_and_read(script);
        /* USR1 ends it: sshd's handler is not there. */
        ck_assert_str_eq(said,
                         "no environment\narguments 0 directory /\n0 is /dev/null\n1 is /dev/null\n2 is /dev/null\n"
                         "no other descriptor\nSigBlk: 0\nSigIgn: 0\n");
        ck_assert_int_eq(handled, 0);
        ck_assert_int_eq(close(OPEN_HERE), 0);
}
END_TEST

/* sshd goes on as if nothing had been started: its handlers, its mask, its directory, and no child to wait for. */
START_TEST(the_caller_stays_as_it_is)
{
        struct sigaction ours = { .sa_handler = handle };
        struct sigaction after;
        cleanup_free char *said = NULL;
        cleanup_free char *before = getcwd(NULL, 0);
        cleanup_free char *directory = NULL;
        sigset_t mask, now;

        sigemptyset(&mask);
        sigaddset(&mask, SIGUSR2);
        ck_assert_int_eq(sigprocmask(SIG_SETMASK, &mask, NULL), 0);
        ck_assert_int_eq(sigaction(SIGUSR1, &ours, NULL), 0);
        said = spawn_and_read(script);
        ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &now), 0);
        for (int s = 1; s < 32; s++)
                ck_assert_int_eq(sigismember(&now, s), s == SIGUSR2);
        ck_assert_int_eq(sigaction(SIGUSR1, NULL, &after), 0);
        ck_assert(after.sa_handler == handle);
        directory = getcwd(NULL, 0);
        ck_assert_str_eq(directory, before);
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
        ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* A signal that comes meanwhile is handled when the children are gone, and by sshd. */
START_TEST(a_signal_waits)
{
        struct sigaction ours = { .sa_handler = handle };
        cleanup_free char *said = NULL;
        sigset_t mask;

        sigemptyset(&mask);
        sigaddset(&mask, SIGUSR1);
        ck_assert_int_eq(sigaction(SIGUSR1, &ours, NULL), 0);
        ck_assert_int_eq(sigprocmask(SIG_BLOCK, &mask, NULL), 0);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        said = spawn_and_read(script);
        ck_assert_int_eq(handled, 0);
        ck_assert_int_eq(sigprocmask(SIG_UNBLOCK, &mask, NULL), 0);
        ck_assert_int_eq(handled, SIGUSR1);
}
END_TEST

/* It is told by the socket, as when the supervisor ends early. */
START_TEST(a_program_that_cannot_run_closes_the_socket)
{
        cleanup_free char *said = spawn_and_read("/none/such");

        ck_assert_str_eq(said, "");
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

TEST_MAIN("module/spawn", setup, teardown, the_supervisor_gets_nothing_but_its_socket, the_caller_stays_as_it_is,
          a_signal_waits, a_program_that_cannot_run_closes_the_socket)
