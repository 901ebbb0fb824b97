/* shipper/slug.c */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/slug.h"

static void must_be(const char *spec, const char *readable)
{
        char slug[SLUG_SIZE];
        size_t length = strlen(readable);

        ck_assert_int_eq(slug_make(spec, slug), 0);
        ck_assert_msg(strncmp(slug, readable, length) == 0, "%s: %s", spec, slug);
        ck_assert_msg(strlen(slug) == length + 16, "%s: %s", spec, slug);
        ck_assert_msg(strspn(slug + length, "0123456789abcdef") == 16, "%s: %s", spec, slug);
}

START_TEST(slugs_are_readable)
{
        must_be("journald:", "journald-");
        must_be("jsonl:-", "jsonl-");
        must_be("jsonl:/var/log/diag.jsonl", "jsonl-var-log-diag.jsonl-");
        must_be("../../etc/passwd", "etc-passwd-");
        must_be("", "");
        must_be("jsonl:/\xc3\xa9\xff", "jsonl-");
}
END_TEST

START_TEST(slugs_differ_and_stay)
{
        char a[SLUG_SIZE];
        char b[SLUG_SIZE];
        char longest[4096];

        ck_assert_int_eq(slug_make("jsonl:/a/b", a), 0);
        ck_assert_int_eq(slug_make("jsonl:/a-b", b), 0);
        ck_assert_str_ne(a, b);
        /* Frozen: another name would send every row again. */
        ck_assert_int_eq(slug_make("jsonl:-", a), 0);
        ck_assert_str_eq(a, "jsonl-37490a543891b239");
        memset(longest, 'x', sizeof(longest));
        longest[sizeof(longest) - 1] = '\0';
        ck_assert_int_eq(slug_make(longest, a), 0);
        ck_assert_uint_lt(strlen(a), SLUG_SIZE);
        ck_assert_ptr_null(strchr(a, '/'));
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper/slug");
        TCase *tcase = tcase_create("slug");
        SRunner *runner;
        int failed;

        tcase_add_test(tcase, slugs_are_readable);
        tcase_add_test(tcase, slugs_differ_and_stay);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
