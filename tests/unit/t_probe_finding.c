/* probe/finding.c: what is written is what is read; and attempts in processes of their own. */
#include "tests/unit/t_help.h"

#include <sys/socket.h>

#include "pam_diag/probe/finding.h"
#include "pam_diag/probe/try.h"

/* What was said, by a child whose standard output is a file. */
static char *said(void (*say)(void))
{
        char *text = NULL;
        size_t length;
        pid_t pid = fork();

        if (pid == 0) {
                int fd = open(at_home("said"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

                if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
                        _exit(1);
                say();
                _exit(0);
        }
        ck_assert_int_eq(wait_for(pid), 0);
        ck_assert_int_eq(fd_read_file(at_home("said"), 65536, &text, &length), 0);
        return text;
}

static void say_good(void)
{
        finding_say(true, FINDING_MOUNTS, "all %d", 3);
}

static void say_bad(void)
{
        finding_say(false, FINDING_MASKS, "%s\n\tis seen", "/a\nb");
}

static void say_long(void)
{
        char text[5000];

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        finding_say(true, FINDING_EXEC, "%s", text);
}

static void must_parse(char *line, enum finding_kind kind, const char *layer, const char *text)
{
        struct finding finding;
        char *end = strchr(line, '\n');

        /* One line, however long, whatever is in it. */
        ck_assert_ptr_nonnull(end);
        ck_assert_str_eq(end, "\n");
        *end = '\0';
        ck_assert_int_eq(finding_parse(line, &finding), 0);
        ck_assert_int_eq(finding.kind, kind);
        ck_assert_str_eq(finding.layer, layer);
        if (text != NULL)
                ck_assert_str_eq(finding.text, text);
        free(line);
}

START_TEST(what_is_said_is_read)
{
        must_parse(said(say_good), FINDING_OK, FINDING_MOUNTS, "all 3");
        must_parse(said(say_bad), FINDING_FAIL, FINDING_MASKS, "/a?b?\tis seen");
        must_parse(said(say_long), FINDING_OK, FINDING_EXEC, NULL);
}
END_TEST

static void say_left(void)
{
        finding_say_left(4711);
}

START_TEST(a_process_is_named)
{
        char *line = said(say_left);
        struct finding finding;

        *strchr(line, '\n') = '\0';
        ck_assert_int_eq(finding_parse(line, &finding), 0);
        ck_assert_int_eq(finding.kind, FINDING_PID);
        ck_assert_int_eq(finding.pid, 4711);
        free(line);
}
END_TEST

START_TEST(what_is_no_finding)
{
        static const char *const lines[] = {
                "",
                "ok",
                "ok\tmounts",
                "OK\tmounts\tx",
                "okay\tmounts\tx",
                "FAIL mounts x",
                "left\t\t",
                "left\t1\t",
                "left\t-5\t",
                "left\t12x\t",
                "left\t99999999999\t",
                "left\t5",
                "diag-shell: refused: no session here",
        };

        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                char line[128];
                struct finding finding;

                strcpy(line, lines[i]);
                ck_assert_msg(finding_parse(line, &finding) == -EBADMSG, "%s", lines[i]);
        }
}
END_TEST

static void expect_all(void)
{
        (void)finding_expect(-EACCES, EACCES, FINDING_EXEC, "this");
        (void)finding_expect(0, EACCES, FINDING_EXEC, "this");
        (void)finding_expect(-EPERM, EACCES, FINDING_EXEC, "this");
        (void)finding_expect(TRY_BY_SIGNAL(SIGSYS), EACCES, FINDING_EXEC, "this");
}

START_TEST(answers_are_compared)
{
        char *text = said(expect_all);

        ck_assert_str_eq(text, "ok\texec\tthis is refused (EACCES)\n"
                               "FAIL\texec\tthis was done and should be refused (EACCES)\n"
                               "FAIL\texec\tthis got EPERM and should get EACCES\n"
                               "FAIL\texec\tthis got killed by a signal and should get EACCES\n");
        free(text);
}
END_TEST

static int give(const void *context)
{
        return *(const int *)context;
}

static int die(const void *context)
{
        (void)context;
        return raise(SIGKILL);
}

static int leave_mark(const void *context)
{
        return setenv("MARK", context, 1);
}

START_TEST(attempts_are_apart)
{
        int expected = -EXDEV;
        int got = 1;

        ck_assert_int_eq(try_apart(give, &expected, &got), 0);
        ck_assert_int_eq(got, -EXDEV);
        ck_assert_int_eq(try_apart(die, NULL, &got), 0);
        ck_assert_int_eq(got, TRY_BY_SIGNAL(SIGKILL));
        ck_assert_int_eq(try_apart(leave_mark, "x", &got), 0);
        ck_assert_int_eq(got, 0);
        ck_assert_ptr_null(getenv("MARK"));
}
END_TEST

START_TEST(an_exec_is_done_or_refused)
{
        char name[] = "false";
        char *const argv[] = { name, NULL };
        size_t before = count_fds();
        int got = 1;

        /* What became of the program does not matter. */
        ck_assert_int_eq(try_exec_apart(&(struct try_exec){ "/bin/false", argv }, &got), 0);
        ck_assert_int_eq(got, 0);
        ck_assert_int_eq(try_exec_apart(&(struct try_exec){ "/none", argv }, &got), 0);
        ck_assert_int_eq(got, -ENOENT);
        ck_assert_uint_eq(count_fds(), before);
}
END_TEST

static int harmless_as(void *context)
{
        const uid_t *uid = context;

        if (*uid != 0 && (setresgid(*uid, *uid, *uid) < 0 || setresuid(*uid, *uid, *uid) < 0))
                return 100;
        return -try_harmless();
}

/* A capability that was kept counts like root. */
static int harmless_with_capability(void *context)
{
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
                return 100;
        return harmless_as(context);
}

START_TEST(nothing_is_tried_with_privilege)
{
        uid_t root = 0;
        uid_t nobody = 65534;

        if (!is_root("nothing_is_tried_with_privilege"))
                return;
        ck_assert_int_eq(in_child(harmless_as, &root), EPERM);
        ck_assert_int_eq(in_child(harmless_as, &nobody), 0);
        ck_assert_int_eq(in_child(harmless_with_capability, &nobody), EPERM);
}
END_TEST

TEST_MAIN("probe/finding", home_make, home_remove, what_is_said_is_read, a_process_is_named, what_is_no_finding,
          answers_are_compared, attempts_are_apart, an_exec_is_done_or_refused, nothing_is_tried_with_privilege)
