#include "pam_diag/policy/measure.h"

#include "tests/unit/t_policy_fixture.h"

static void duration(const char *text, int result, uint64_t expected)
{
        uint64_t value = 4711;

        ck_assert_int_eq(measure_duration_ms(text, &value), result);
        ck_assert_uint_eq(value, result == 0 ? expected : 4711);
}

static void bytes(const char *text, int result, uint64_t expected)
{
        uint64_t value = 4711;

        ck_assert_int_eq(measure_bytes(text, &value), result);
        ck_assert_uint_eq(value, result == 0 ? expected : 4711);
}

START_TEST(durations)
{
        duration("0", 0, 0);
        duration("500ms", 0, 500);
        duration("60s", 0, 60000);
        duration("5m", 0, 300000);
        duration("168h", 0, UINT64_C(604800000));
        duration("169h", -ERANGE, 0);
        duration("99999999999999999999s", -ERANGE, 0);
        duration("18446744073709551615h", -ERANGE, 0);
        duration("60", -EINVAL, 0);
        duration("s", -EINVAL, 0);
        duration("", -EINVAL, 0);
        duration("-1s", -EINVAL, 0);
        duration("1 s", -EINVAL, 0);
        duration("1S", -EINVAL, 0);
}
END_TEST

START_TEST(sizes)
{
        bytes("4096", 0, 4096);
        bytes("64k", 0, 65536);
        bytes("8M", 0, 8388608);
        bytes("1G", 0, 1073741824);
        bytes("1025G", -ERANGE, 0);
        bytes("64K", -EINVAL, 0);
        bytes("k", -EINVAL, 0);
        bytes("0x10", -EINVAL, 0);
        bytes("", -EINVAL, 0);
}
END_TEST

FIXTURE_MAIN("measure", durations, sizes)
