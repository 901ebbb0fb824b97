/* shipper/library.c: the functions of a library, or why not. */
#include "tests/unit/t_help.h"

#include "shipper/library.h"

struct functions {
        size_t (*length)(const char *text);
        int (*absolute)(int number);
};

static const struct library_function both[] = {
        { "strlen", offsetof(struct functions, length) },
        { "abs", offsetof(struct functions, absolute) },
};

START_TEST(they_are_there)
{
        struct functions functions = { 0 };
        const char *why = NULL;

        ck_assert_int_eq(library_load("libc.so.6", both, 2, &functions, &why), 0);
        ck_assert_uint_eq(functions.length("four"), 4);
        ck_assert_int_eq(functions.absolute(-3), 3);
        ck_assert_ptr_null(why);
}
END_TEST

START_TEST(none_is_set_when_one_is_missing)
{
        const struct library_function missing[] = { both[0],
                                                    { "no_such_function", offsetof(struct functions, absolute) } };
        struct functions functions = { 0 };
        const char *why = NULL;

        ck_assert_int_eq(library_load("libc.so.6", missing, 2, &functions, &why), -1);
        ck_assert_ptr_nonnull(strstr(why, "no_such_function"));
        ck_assert(functions.length == NULL && functions.absolute == NULL);
}
END_TEST

START_TEST(a_library_that_is_missing)
{
        struct functions functions = { 0 };
        const char *why = NULL;

        ck_assert_int_eq(library_load("libnone-of-ours.so.0", both, 2, &functions, &why), -1);
        ck_assert_ptr_nonnull(strstr(why, "No such file"));
        ck_assert(functions.length == NULL);
}
END_TEST

TEST_MAIN("shipper/library", NULL, NULL, they_are_there, none_is_set_when_one_is_missing, a_library_that_is_missing)
