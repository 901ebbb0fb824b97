/* shell/request.c */
#include "tests/unit/t_help.h"

#include <limits.h>
#include <sys/ioctl.h>

#include "pam_diag/shell/request.h"

enum { LINE_MOST = 128 * 1024 };

static char self[PATH_MAX];

static void forget_variables(void)
{
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

        ck_assert_int_gt(n, 0);
        self[n] = '\0';
        ck_assert_int_eq(unsetenv("SSH_ORIGINAL_COMMAND"), 0);
        ck_assert_int_eq(unsetenv("SSH_CONNECTION"), 0);
}

/* The program's arguments are `-c command`, or none for NULL. */
static void must_ask(const char *command, const char *line)
{
        cleanup_channel_run struct channel_run run = { 0 };
        char *argv[] = { (char[]){ "diag-shell" }, (char[]){ "-c" }, command == NULL ? NULL : strdup(command), NULL };

        ck_assert_int_eq(request_read(command == NULL ? 1 : 3, argv, &run), 0);
        ck_assert_str_eq(run.line, line);
        ck_assert_uint_eq(run.line_length, strlen(line));
        free(argv[2]);
}

START_TEST(the_command_is_taken)
{
        must_ask("cat '/etc/hosts' | grep x", "cat '/etc/hosts' | grep x");
        must_ask("", "");
        must_ask(NULL, "");
        must_ask("\xff\n\x01", "\xff\n\x01");
}
END_TEST

/* The variable is sshd's word only where sshd was told to start this very program. */
START_TEST(the_original_command_counts_under_a_forced_one)
{
        char with_argument[PATH_MAX + 8];

        ck_assert_int_eq(setenv("SSH_ORIGINAL_COMMAND", "uptime", 1), 0);
        must_ask(self, "uptime");
        must_ask("cat x", "cat x");
        must_ask("", "");
        must_ask(NULL, "");
        (void)snprintf(with_argument, sizeof(with_argument), "%s x", self);
        must_ask(with_argument, with_argument);
        must_ask(strrchr(self, '/') + 1, strrchr(self, '/') + 1);
        ck_assert_int_eq(setenv("SSH_ORIGINAL_COMMAND", "", 1), 0);
        must_ask(self, "");
        ck_assert_int_eq(unsetenv("SSH_ORIGINAL_COMMAND"), 0);
        must_ask(self, "");
}
END_TEST

static int ask_error(int argc, const char *first, const char *second)
{
        struct channel_run run = { .columns = 4711 };
        char one[16], two[16];
        char *argv[] = { (char[]){ "diag-shell" }, one, two, NULL };
        int r;

        (void)snprintf(one, sizeof(one), "%s", first);
        (void)snprintf(two, sizeof(two), "%s", second);
        r = request_read(argc, argv, &run);
        ck_assert_uint_eq(run.columns, 4711);
        ck_assert_ptr_null(run.line);
        return r;
}

START_TEST(other_arguments_are_refused)
{
        ck_assert_int_eq(ask_error(2, "-c", ""), -EINVAL);
        ck_assert_int_eq(ask_error(2, "-l", ""), -EINVAL);
        ck_assert_int_eq(ask_error(3, "-l", "x"), -EINVAL);
        ck_assert_int_eq(ask_error(3, "-cc", "x"), -EINVAL);
        ck_assert_int_eq(ask_error(4, "-c", "x"), -EINVAL);
        ck_assert_int_eq(ask_error(0, "-c", "x"), -EINVAL);
}
END_TEST

START_TEST(lines_have_a_bound)
{
        struct channel_run run = { 0 };
        char *line = malloc(LINE_MOST + 2);
        char *argv[] = { (char[]){ "diag-shell" }, (char[]){ "-c" }, line, NULL };

        memset(line, 'x', LINE_MOST + 1);
        line[LINE_MOST + 1] = '\0';
        ck_assert_int_eq(request_read(3, argv, &run), -E2BIG);
        ck_assert_int_eq(setenv("SSH_ORIGINAL_COMMAND", line, 1), 0);
        argv[2] = self;
        ck_assert_int_eq(request_read(3, argv, &run), -E2BIG);
        argv[2] = line;
        line[LINE_MOST] = '\0';
        ck_assert_int_eq(request_read(3, argv, &run), 0);
        ck_assert_uint_eq(run.line_length, LINE_MOST);
        channel_run_free(&run);
        free(line);
}
END_TEST

START_TEST(ports_are_read_strictly)
{
        static const struct {
                const char *connection;
                uint32_t port;
        } cases[] = {
                { "192.0.2.1 50022 192.0.2.2 22", 50022 },
                { "2001:db8::1 1 ::1 22", 1 },
                { "a 65535 b 22", 65535 },
                { "a 65535", 65535 },
                { "a 65536 b 22", 0 },
                { "a 0 b 22", 0 },
                { "a 123456 b 22", 0 },
                { "a -1 b 22", 0 },
                { "a +1 b 22", 0 },
                { "a  1 b 22", 0 },
                { "a 1x b 22", 0 },
                { "a", 0 },
                { "a ", 0 },
                { "", 0 },
                { "a 0022 b 22", 22 },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                cleanup_channel_run struct channel_run run = { 0 };
                char *argv[] = { (char[]){ "diag-shell" }, NULL };

                ck_assert_int_eq(setenv("SSH_CONNECTION", cases[i].connection, 1), 0);
                ck_assert_int_eq(request_read(1, argv, &run), 0);
                ck_assert_msg(run.client_port == cases[i].port, "%s: %u", cases[i].connection, run.client_port);
        }
}
END_TEST

static int ask_on_terminal(void *context)
{
        cleanup_channel_run struct channel_run run = { 0 };
        char *argv[] = { (char[]){ "diag-shell" }, NULL };
        struct winsize size = { .ws_col = 211, .ws_row = 50 };
        int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        int user;

        (void)context;
        if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0 ||
            (user = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
                return 77;
        ck_assert_int_eq(ioctl(user, TIOCSWINSZ, &size), 0);
        ck_assert_int_eq(dup2(user, STDOUT_FILENO), STDOUT_FILENO);
        ck_assert_int_eq(request_read(1, argv, &run), 0);
        ck_assert(run.tty);
        ck_assert_uint_eq(run.columns, 211);
        return 0;
}

static int ask_on_pipe(void *context)
{
        cleanup_channel_run struct channel_run run = { .tty = true, .columns = 9 };
        char *argv[] = { (char[]){ "diag-shell" }, NULL };
        int ends[2];

        (void)context;
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
        ck_assert_int_eq(request_read(1, argv, &run), 0);
        ck_assert(!run.tty);
        ck_assert_uint_eq(run.columns, 0);
        return 0;
}

START_TEST(the_terminal_is_described)
{
        int r = in_child(ask_on_terminal, NULL);

        if (r == 77)
                (void)fprintf(stderr, "SKIP the_terminal_is_described: no terminal can be made here\n");
        else
                ck_assert_int_eq(r, 0);
        ck_assert_int_eq(in_child(ask_on_pipe, NULL), 0);
}
END_TEST

TEST_MAIN("shell/request", forget_variables, NULL, the_command_is_taken, the_original_command_counts_under_a_forced_one,
          other_arguments_are_refused, lines_have_a_bound, ports_are_read_strictly, the_terminal_is_described)
