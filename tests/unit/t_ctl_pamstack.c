/* ctl/pamstack.c, pamline.c: session rules as libpam puts them together. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/pamline.h"
#include "pam_diag/ctl/pamstack.h"

struct file {
        const char *name;
        const char *text;
};

/* `context` is an array of files that ends with a NULL name. */
static int read_table(void *context, const char *name, char **ret_text, char **ret_path)
{
        for (const struct file *file = context; file->name != NULL; file++)
                if (strcmp(file->name, name) == 0) {
                        *ret_text = strdup(file->text);
                        *ret_path = strdup(name);
                        return 0;
                }
        return -ENOENT;
}

static void load(struct file *files, struct pamstack *stack)
{
        ck_assert_int_eq(pamstack_load("sshd", read_table, files, stack), 0);
}

static void load_text(const char *text, struct pamstack *stack)
{
        struct file files[] = { { "sshd", text }, { NULL, NULL } };

        load(files, stack);
}

static size_t index_of(const struct pamstack *stack, const char *module)
{
        for (size_t i = 0; i < stack->count; i++)
                if (pam_rule_is(&stack->rules[i], module))
                        return i;
        ck_abort_msg("no rule for %s", module);
        return 0;
}

START_TEST(a_rule_has_its_parts)
{
        cleanup_pamstack struct pamstack stack = { 0 };
        const struct pam_rule *rule;

        load_text("auth required pam_deny.so\n"
                  "# session required pam_comment.so\n"
                  "\n"
                  "-SESSION\t[success=ok default=bad]  /lib/security/pam_x.so [a b] c\\d [e\\]f] # end\n",
                  &stack);
        ck_assert_uint_eq(stack.count, 1);
        rule = &stack.rules[0];
        ck_assert_str_eq(rule->file, "sshd");
        ck_assert_uint_eq(rule->line, 4);
        ck_assert(rule->quiet);
        ck_assert_str_eq(rule->control, "[success=ok default=bad]");
        ck_assert_str_eq(rule->module, "/lib/security/pam_x.so");
        ck_assert(pam_rule_is(rule, "pam_x.so"));
        ck_assert(!pam_rule_is(rule, "x.so"));
        ck_assert_uint_eq(strv_length(rule->arguments), 3);
        ck_assert_str_eq(rule->arguments[0], "a b");
        ck_assert_str_eq(rule->arguments[1], "c\\d");
        ck_assert_str_eq(rule->arguments[2], "e]f");
        ck_assert_ptr_null(stack.problem);
}
END_TEST

START_TEST(a_backslash_goes_on)
{
        cleanup_pamstack struct pamstack stack = { 0 };

        load_text("session required \\\n"
                  "  # between\n"
                  "  pam_diag.so user=diag \\  \n"
                  "  debug\n"
                  "session optional pam_y.so # a comment ends it \\\n"
                  "session optional pam_z.so",
                  &stack);
        ck_assert_uint_eq(stack.count, 3);
        ck_assert_str_eq(stack.rules[0].module, "pam_diag.so");
        ck_assert_uint_eq(stack.rules[0].line, 1);
        ck_assert_uint_eq(strv_length(stack.rules[0].arguments), 2);
        ck_assert_str_eq(stack.rules[0].arguments[1], "debug");
        ck_assert_ptr_null(stack.rules[1].arguments);
        ck_assert_uint_eq(stack.rules[1].line, 5);
        ck_assert_uint_eq(stack.rules[2].line, 6);
}
END_TEST

START_TEST(includes_stand_in_their_places)
{
        struct file files[] = {
                { "sshd", "session required pam_a.so\n@include common\nsession include deep\nsession substack sub\n"
                          "session required pam_last.so\nauth include nowhere\n" },
                { "common", "auth required pam_no.so\nsession required pam_b.so\n" },
                { "deep", "session required pam_c.so\n" },
                { "sub", "session required pam_d.so\n" },
                { NULL, NULL },
        };
        static const char *const wanted[] = { "pam_a.so", "pam_b.so", "pam_c.so", "pam_d.so", "pam_last.so" };
        cleanup_pamstack struct pamstack stack = { 0 };

        load(files, &stack);
        ck_assert_uint_eq(stack.count, 5);
        for (size_t i = 0; i < 5; i++)
                ck_assert_str_eq(stack.rules[i].module, wanted[i]);
        ck_assert_str_eq(stack.rules[1].file, "common");
        ck_assert_uint_eq(stack.rules[1].line, 2);
        ck_assert_uint_eq(stack.rules[2].depth, 0);
        ck_assert_uint_eq(stack.rules[3].depth, 1);
        ck_assert_uint_ne(stack.rules[3].stack, stack.rules[4].stack);
        ck_assert_ptr_null(stack.problem);
}
END_TEST

START_TEST(problems_have_their_place)
{
        static const struct {
                const char *text;
                const char *problem;
        } cases[] = {
                { "session required pam_a.so\nsession include gone\n", "sshd:2: cannot read the included gone" },
                { "\nsesion required pam_a.so\n", "sshd:2: unknown type sesion" },
                { "session required\n", "sshd:1: no module behind required" },
                { "@include\n", "sshd:1: no name behind @include" },
                { "session include sshd\n", "sshd:1: too deeply nested: sshd" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                cleanup_pamstack struct pamstack stack = { 0 };

                load_text(cases[i].text, &stack);
                ck_assert_ptr_nonnull(stack.problem);
                ck_assert_str_eq(stack.problem, cases[i].problem);
        }
}
END_TEST

START_TEST(a_service_that_is_not_there)
{
        struct file files[] = { { NULL, NULL } };
        struct pamstack stack = { 0 };

        ck_assert_int_eq(pamstack_load("sshd", read_table, files, &stack), -ENOENT);
        ck_assert_uint_eq(stack.count, 0);
}
END_TEST

START_TEST(what_passes_the_rule_by)
{
        static const struct {
                const char *text;
                const char *bypass; /* module, or NULL */
        } cases[] = {
                { "session required pam_a.so\nsession required pam_diag.so\n", NULL },
                { "session sufficient pam_a.so\nsession required pam_diag.so\n", "pam_a.so" },
                { "session required pam_diag.so\nsession sufficient pam_a.so\n", NULL },
                { "session [success=done default=ignore] pam_a.so\nsession required pam_diag.so\n", "pam_a.so" },
                { "session [default = done] pam_a.so\nsession required pam_diag.so\n", "pam_a.so" },
                { "session [success=1] pam_a.so\nsession required pam_diag.so\n", "pam_a.so" },
                /* Debian's common-session */
                { "session [default=1] pam_permit.so\nsession requisite pam_deny.so\nsession required pam_permit.so\n"
                  "session required pam_diag.so\n",
                  NULL },
                { "session [success=2 default=1] pam_a.so\nsession required pam_b.so\nsession required pam_diag.so\n",
                  "pam_a.so" },
                { "session [success=ok ignore=ignore default=bad] pam_a.so\nsession required pam_diag.so\n", NULL },
                { "session substack sub\nsession required pam_diag.so\n", NULL },
                { "session include sub\nsession required pam_diag.so\n", "pam_s.so" },
                { "session sufficient pam_a.so\nsession substack ours\n", "pam_a.so" },
                { "session [success=1] pam_a.so\nsession substack sub\nsession required pam_diag.so\n", NULL },
                { "session [success=2] pam_a.so\nsession substack sub\nsession required pam_diag.so\n", "pam_a.so" },
                { "session [success=2] pam_a.so\nsession required pam_b.so\nsession substack ours\n", "pam_a.so" },
                { "session [success=1] pam_a.so\nsession required pam_b.so\nsession substack ours\n", NULL },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct file files[] = { { "sshd", cases[i].text },
                                        { "sub", "session sufficient pam_s.so\nsession required pam_t.so\n" },
                                        { "ours", "session required pam_diag.so\n" },
                                        { NULL, NULL } };
                cleanup_pamstack struct pamstack stack = { 0 };
                const struct pam_rule *bypass;

                load(files, &stack);
                bypass = pamstack_bypass(&stack, index_of(&stack, "pam_diag.so"));
                ck_assert_msg((bypass == NULL) == (cases[i].bypass == NULL), "case %zu: %s", i,
                              bypass == NULL ? "none" : bypass->module);
                if (bypass != NULL)
                        ck_assert_str_eq(bypass->module, cases[i].bypass);
        }
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_pamstack");
        TCase *tcase = tcase_create("pamstack");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, a_rule_has_its_parts);
        tcase_add_test(tcase, a_backslash_goes_on);
        tcase_add_test(tcase, includes_stand_in_their_places);
        tcase_add_test(tcase, problems_have_their_place);
        tcase_add_test(tcase, a_service_that_is_not_there);
        tcase_add_test(tcase, what_passes_the_rule_by);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
