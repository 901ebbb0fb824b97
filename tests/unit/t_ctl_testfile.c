/* ctl/testfile.c: files of expected verdicts, good ones and every error with its place. */
#include "pam_diag/ctl/testfile.h"

#include "tests/unit/t_policy_fixture.h"

static void parse(const char *text, size_t length, struct testfile *file, struct policy_errors *errors)
{
        *errors = POLICY_ERRORS_INIT;
        *file = (struct testfile){ 0 };
        ck_assert_int_eq(testfile_parse("f", text, length, file, errors), 0);
}

START_TEST(good_lines)
{
        static const char text[] = "# comment\n\nallow\tcat /etc/hosts\tcat\ndeny\ta\\tb\\n\\\\\\x00\\xFf\n"
                                   "deny:option\tls -Q\nallow\t\nallow\t# x";
        struct policy_errors errors;
        struct testfile file;

        parse(text, sizeof(text) - 1, &file, &errors);
        ck_assert_msg(errors.count == 0, "%s", errors.text.data);
        ck_assert_uint_eq(file.count, 5);
        ck_assert(file.cases[0].allow);
        ck_assert_uint_eq(file.cases[0].line, 3);
        ck_assert_str_eq(file.cases[0].command, "cat /etc/hosts");
        ck_assert_str_eq(file.cases[0].rule, "cat");
        ck_assert(!file.cases[1].allow);
        ck_assert_int_eq(file.cases[1].code, CODE_NONE);
        ck_assert_ptr_null(file.cases[1].rule);
        ck_assert_uint_eq(file.cases[1].length, 7);
        ck_assert_mem_eq(file.cases[1].command, "a\tb\n\\\0\xff", 7);
        ck_assert_int_eq(file.cases[2].code, CODE_OPTION);
        ck_assert_uint_eq(file.cases[3].length, 0);
        ck_assert_str_eq(file.cases[4].command, "# x");
        ck_assert_uint_eq(file.cases[4].line, 7);
        testfile_free(&file);
        policy_errors_free(&errors);
}
END_TEST

START_TEST(every_error_with_its_place)
{
        static const struct {
                const char *text;
                const char *error;
        } cases[] = {
                { "alow\tx\n", "f:1:1: expected allow" },
                { "#\nallow:path\tx\n", "f:2:1: expected allow" },
                { "deny:\tx\n", "f:1:1: expected allow" },
                { "deny:none\tx\n", "f:1:6: unknown code" },
                { "deny:paths\tx\n", "f:1:6: unknown code" },
                { "allow\n", "f:1:6: expected a tab" },
                { "allow cat\n", "f:1:1: expected allow" },
                { "allow\tcat\t\n", "f:1:11: expected a rule" },
                { "allow\tcat\tcat\tcat\n", "f:1:15: nothing follows" },
                { "allow\ta\\q\n", "f:1:8: unknown escape" },
                { "allow\ta\\x0\n", "f:1:8: unknown escape" },
                { "allow\ta\\xg0\n", "f:1:8: unknown escape" },
                { "allow\ta\\", "f:1:8: unknown escape" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct policy_errors errors;
                struct testfile file;

                parse(cases[i].text, strlen(cases[i].text), &file, &errors);
                ck_assert_msg(errors.count > 0, "%s", cases[i].text);
                ck_assert_msg(strstr(errors.text.data, cases[i].error) != NULL, "%s: %s", cases[i].text,
                              errors.text.data);
                testfile_free(&file);
                policy_errors_free(&errors);
        }
}
END_TEST

START_TEST(all_errors_are_told)
{
        static const char text[] = "x\ty\nallow\tcat\nallow\t\\z\\z\n";
        struct policy_errors errors;
        struct testfile file;

        parse(text, sizeof(text) - 1, &file, &errors);
        ck_assert_uint_eq(errors.count, 3);
        ck_assert_ptr_nonnull(strstr(errors.text.data, "f:3:9:"));
        testfile_free(&file);
        policy_errors_free(&errors);
}
END_TEST

FIXTURE_MAIN("ctl_testfile", good_lines, every_error_with_its_place, all_errors_are_told)
