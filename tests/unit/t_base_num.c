#include "pam_diag/base/num.h"

#include "tests/unit/t_policy_fixture.h"

static void u64(const char *text, uint64_t low, uint64_t high, int result, uint64_t expected)
{
        uint64_t value = 4711;

        ck_assert_msg(num_parse_u64(text, low, high, &value) == result, "%s", text);
        ck_assert_uint_eq(value, result == 0 ? expected : 4711);
}

static void i64(const char *text, int64_t low, int64_t high, int result, int64_t expected)
{
        int64_t value = 4711;

        ck_assert_msg(num_parse_i64(text, low, high, &value) == result, "%s", text);
        ck_assert_int_eq(value, result == 0 ? expected : 4711);
}

START_TEST(unsigned_numbers)
{
        u64("0", 0, UINT64_MAX, 0, 0);
        u64("18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX);
        u64("18446744073709551616", 0, UINT64_MAX, -ERANGE, 0);
        u64("99999999999999999999999", 0, UINT64_MAX, -ERANGE, 0);
        u64("007", 0, 10, 0, 7);
        u64("11", 0, 10, -ERANGE, 0);
        u64("1", 2, 10, -ERANGE, 0);
        u64("", 0, 10, -EINVAL, 0);
        u64("-1", 0, 10, -EINVAL, 0);
        u64("+1", 0, 10, -EINVAL, 0);
        u64(" 1", 0, 10, -EINVAL, 0);
        u64("1 ", 0, 10, -EINVAL, 0);
        u64("1x", 0, 10, -EINVAL, 0);
        u64("0x1", 0, 10, -EINVAL, 0);
        u64("99999999999999999999999x", 0, 10, -EINVAL, 0);
}
END_TEST

START_TEST(signed_numbers)
{
        i64("-5", -5, 5, 0, -5);
        i64("5", -5, 5, 0, 5);
        i64("-0", -5, 5, 0, 0);
        i64("-6", -5, 5, -ERANGE, 0);
        i64("9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX);
        i64("9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0);
        i64("--5", -9, 9, -EINVAL, 0);
        i64("-", -9, 9, -EINVAL, 0);
        i64("", -9, 9, -EINVAL, 0);
}
END_TEST

FIXTURE_MAIN("num", unsigned_numbers, signed_numbers)
