#include "pam_diag/policy/errors.h"

#include "tests/unit/t_policy_fixture.h"

START_TEST(places)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;

        policy_error(&errors, "a", 3, 4, "x %d", 1);
        policy_error(&errors, "a", 3, 0, "y");
        policy_error(&errors, "a", 0, 0, "z");
        ck_assert_uint_eq(errors.count, 3);
        ck_assert_str_eq(errors.text.data, "a:3:4: x 1\na:3: y\na: z\n");
}
END_TEST

START_TEST(what_does_not_fit_is_counted)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;

        for (unsigned i = 0; i < 10000; i++)
                policy_error(&errors, "file", i + 1, 1, "something is wrong");
        ck_assert_uint_eq(errors.count, 10000);
        ck_assert_uint_le(errors.text.length, POLICY_ERRORS_TEXT_MOST);
        ck_assert_int_eq(errors.text.data[errors.text.length - 1], '\n');
}
END_TEST

FIXTURE_MAIN("errors", places, what_does_not_fit_is_counted)
