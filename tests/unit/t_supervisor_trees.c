#include <check.h>
#include <stdlib.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/supervisor/trees.h"

static char *const allow[] = { "/proc/*", "/var/log", "/usr", "/srv/www*", "/usrlocal", NULL };
static char *const runtime[] = { "/usr/lib", "/proc", "/usr", "/srv/www/x", NULL };

START_TEST(what_lies_inside_another_tree_is_left_out)
{
        cleanup_strv char **trees = NULL;

        ck_assert_int_eq(trees_reduce(allow, runtime, &trees), 0);
        ck_assert_uint_eq(strv_length(trees), 6);
        ck_assert_str_eq(trees[0], "/var/log");
        ck_assert_str_eq(trees[1], "/usr");
        ck_assert_str_eq(trees[2], "/srv/www*"); /* a glob covers nothing for sure */
        ck_assert_str_eq(trees[3], "/usrlocal");
        ck_assert_str_eq(trees[4], "/proc");
        ck_assert_str_eq(trees[5], "/srv/www/x");
}
END_TEST

START_TEST(the_root_covers_everything_and_stays)
{
        char *const root[] = { "/", "/etc", NULL };
        cleanup_strv char **trees = NULL;

        ck_assert_int_eq(trees_reduce(root, NULL, &trees), 0);
        ck_assert_uint_eq(strv_length(trees), 1);
        ck_assert_str_eq(trees[0], "/");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("supervisor_trees");
        TCase *tests = tcase_create("trees");
        SRunner *runner;
        int failed;

        tcase_add_test(tests, what_lies_inside_another_tree_is_left_out);
        tcase_add_test(tests, the_root_covers_everything_and_stays);
        suite_add_tcase(suite, tests);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
