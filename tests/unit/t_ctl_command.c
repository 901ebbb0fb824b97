/* ctl/command.c: what a command line of diagctl says. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/ctl/capture.h"
#include "pam_diag/ctl/command.h"
#include "pam_diag/base/mem.h"

static const struct ctl_command command = { .name = "try", .arguments = "[-n N]" };

static bool json;
static const char *db;
static size_t rows;
static int first;

static int parse(bool operands, const char *a, const char *b, const char *c)
{
        const struct ctl_option options[] = {
                { "--json", CTL_FLAG, &json },
                { "--db", CTL_TEXT, &db },
                { "-n", CTL_COUNT, &rows },
        };
        char words[3][64];
        char *argv[4] = { NULL };
        const char *given[3] = { a, b, c };
        int argc = 0;

        for (; argc < 3 && given[argc] != NULL; argc++) {
                snprintf(words[argc], sizeof(words[argc]), "%s", given[argc]);
                argv[argc] = words[argc];
        }
        json = false;
        rows = 7;
        first = -1;
        /* what is said about a wrong one is not looked at here */
        ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
        return ctl_options(&command, options, 3, operands, argc, argv, &first);
}

START_TEST(good_ones)
{
        ck_assert_int_eq(parse(false, "--json", "-n", "3"), 0);
        ck_assert(json);
        ck_assert_uint_eq(rows, 3);
        ck_assert_int_eq(first, 3);
        ck_assert_int_eq(parse(false, "--db=/x", NULL, NULL), 0);
        ck_assert_uint_eq(rows, 7);
        ck_assert_int_eq(parse(true, "--", "--json", "x"), 0);
        ck_assert(!json);
        ck_assert_int_eq(first, 1);
        ck_assert_int_eq(parse(true, "cat", "--json", NULL), 0);
        ck_assert(!json);
        ck_assert_int_eq(first, 0);
}
END_TEST

START_TEST(wrong_ones)
{
        ck_assert_int_eq(parse(false, "--jso", NULL, NULL), -EINVAL);
        ck_assert_int_eq(parse(false, "--json=yes", NULL, NULL), -EINVAL);
        ck_assert_int_eq(parse(false, "-n", NULL, NULL), -EINVAL);
        ck_assert_int_eq(parse(false, "-n", "0", NULL), -EINVAL);
        ck_assert_int_eq(parse(false, "-n", "3x", NULL), -EINVAL);
        ck_assert_int_eq(parse(false, "--db=", NULL, NULL), -EINVAL);
        ck_assert_int_eq(parse(false, "stray", NULL, NULL), -EINVAL);
        ck_assert_int_eq(first, -1);
}
END_TEST

static int capture_shell(const char *script, char **ret_text, int *ret_status)
{
        char shell[] = "/bin/sh";
        char option[] = "-c";
        char text[256];
        char *argv[] = { shell, option, text, NULL };

        snprintf(text, sizeof(text), "%s", script);
        return capture(argv, ret_text, ret_status);
}

START_TEST(a_program_is_heard)
{
        cleanup_free char *text = NULL;
        int status = -1;

        ck_assert_int_eq(setenv("LEAK", "1", 1), 0);
        ck_assert_int_eq(capture_shell("cat; echo out; echo err >&2; echo \"$LC_ALL$LEAK\"; exit 3", &text, &status),
                         0);
        ck_assert_str_eq(text, "out\nerr\nC\n");
        ck_assert_int_eq(status, 3);
}
END_TEST

START_TEST(a_program_that_fails)
{
        cleanup_free char *text = NULL;
        cleanup_free char *none = NULL;
        char gone[] = "/nonexistent/sshd";
        char *argv[] = { gone, NULL };
        int status = -1;

        ck_assert_int_eq(capture(argv, &none, &status), -ENOENT);
        ck_assert_int_eq(capture_shell("kill -9 $$", &text, &status), 0);
        ck_assert_int_eq(status, 128 + 9);
        ck_assert_int_eq(capture_shell("yes", &none, &status), -EFBIG);
        ck_assert_ptr_null(none);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_command");
        TCase *tcase = tcase_create("command");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, good_ones);
        tcase_add_test(tcase, wrong_ones);
        tcase_add_test(tcase, a_program_is_heard);
        tcase_add_test(tcase, a_program_that_fails);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
