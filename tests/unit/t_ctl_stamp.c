/* ctl/stamp.c: times and lengths of time, as people and programs read them. */
#include "pam_diag/ctl/stamp.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/sql_help.h"

static void must_stamp(int64_t time_us, bool local, const char *wanted)
{
        cleanup_buf struct buf buf = BUF_INIT(256);

        stamp_put(&buf, time_us, local);
        ck_assert_str_eq(buf.data, wanted);
}

static void must_length(int64_t us, const char *wanted)
{
        cleanup_buf struct buf buf = BUF_INIT(256);

        stamp_put_length(&buf, us);
        ck_assert_str_eq(buf.data, wanted);
}

START_TEST(points_in_time)
{
        ck_assert_int_eq(setenv("TZ", "XXX-3", 1), 0);
        must_stamp(1700000000000007, false, "2023-11-14T22:13:20.000007Z");
        must_stamp(1700000000007000, true, "2023-11-15 01:13:20.007");
        must_stamp(INT64_MAX, false, "294247-01-10T04:00:54.775807Z");
}
END_TEST

START_TEST(lengths)
{
        must_length(0, "0.000 ms");
        must_length(12345, "12.345 ms");
        must_length(999999, "999.999 ms");
        must_length(1500000, "1.500 s");
        must_length(3599999999, "3599.999 s");
        must_length(3600000000, "1:00:00");
        must_length(INT64_C(90061000000), "25:01:01");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { points_in_time, lengths };

        return RUN_SUITE("ctl_stamp", tests);
}
