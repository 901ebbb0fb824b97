#include "pam_diag/base/mem.h"

#include "tests/unit/t_policy_fixture.h"

START_TEST(appends_in_order)
{
        cleanup_strv char **strings = NULL;
        char text[16];

        ck_assert_uint_eq(strv_length(NULL), 0);
        for (unsigned i = 0; i < 1000; i++) {
                ck_assert_int_lt(snprintf(text, sizeof(text), "%u", i), (int)sizeof(text));
                ck_assert_int_eq(strv_append(&strings, text), 0);
                ck_assert_uint_eq(strv_length(strings), i + 1);
                ck_assert_ptr_null(strings[i + 1]);
        }
        for (unsigned i = 0; i < 1000; i++) {
                ck_assert_int_lt(snprintf(text, sizeof(text), "%u", i), (int)sizeof(text));
                ck_assert_str_eq(strings[i], text);
        }
}
END_TEST

START_TEST(appends_once)
{
        cleanup_strv char **strings = NULL;

        ck_assert_int_eq(strv_append_once(&strings, "a"), 0);
        ck_assert_int_eq(strv_append_once(&strings, "b"), 0);
        ck_assert_int_eq(strv_append_once(&strings, "a"), 0);
        ck_assert_uint_eq(strv_length(strings), 2);
        ck_assert_str_eq(strings[1], "b");
}
END_TEST

START_TEST(finds_whole_strings)
{
        char *strings[] = { (char[]){ "abc" }, (char[]){ "" }, (char[]){ "b" }, NULL };

        ck_assert(strv_has(strings, "abc", 3));
        ck_assert(strv_has(strings, "abcd", 3));
        ck_assert(strv_has(strings, "b=1", 1));
        ck_assert(strv_has(strings, "=1", 0));
        ck_assert(!strv_has(strings, "ab", 2));
        ck_assert(!strv_has(strings, "abcd", 4));
        ck_assert(!strv_has(strings + 2, "x", 0));
        ck_assert(!strv_has(NULL, "abc", 3));
}
END_TEST

START_TEST(take_moves_the_owner)
{
        cleanup_free char *first = strdup("x");
        cleanup_free char *second = take_ptr(&first);

        ck_assert_ptr_null(first);
        ck_assert_str_eq(second, "x");
}
END_TEST

FIXTURE_MAIN("mem", appends_in_order, appends_once, finds_whole_strings, take_moves_the_owner)
