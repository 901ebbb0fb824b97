/* ctl/when.c: points in time. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "pam_diag/ctl/when.h"

#define NOW INT64_C(1700000000000000)
#define S INT64_C(1000000)

START_TEST(good_ones)
{
        static const struct {
                const char *text;
                int64_t us;
        } cases[] = {
                { "90s", NOW - 90 * S },
                { "5m", NOW - 300 * S },
                { "24h", NOW - 86400 * S },
                { "7d", NOW - 604800 * S },
                { "2w", NOW - 1209600 * S },
                { "0s", NOW },
                { "1000000d", 0 }, /* before all records */
                { "@0", 0 },
                { "@1700000000", NOW },
                { "2023-11-14", 1699909200 * S }, /* of a clock three hours ahead */
                { "2023-11-15 01:13", 1699999980 * S },
                { "2023-11-15T01:13:20", NOW },
                { "2024-02-29", 1709154000 * S },
        };

        ck_assert_int_eq(setenv("TZ", "XXX-3", 1), 0);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t us = -1;

                ck_assert_msg(when_parse(cases[i].text, NOW, &us) == 0, "%s", cases[i].text);
                ck_assert_msg(us == cases[i].us, "%s: %lld", cases[i].text, (long long)us);
        }
}
END_TEST

START_TEST(wrong_ones)
{
        static const char *const cases[] = {
                "",
                "x",
                "5",
                "5 m",
                "m",
                "5y",
                "-5m",
                "@",
                "@x",
                "@-1",
                "2023-1-1",
                "2023-13-01",
                "2023-02-30",
                "2023-02-29",
                "2023-11",
                "2023-11-14 ",
                "2023-11-14 1",
                "2023-11-14 24:00",
                "2023-11-14 12:60",
                "2023-11-14 12:00:0",
                "2023-11-14x12:00",
                "99999999999999999999d",
                "1969-12-31",
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t us = -7;

                ck_assert_msg(when_parse(cases[i], NOW, &us) < 0, "%s", cases[i]);
                ck_assert_int_eq((int)us, -7);
        }
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_when");
        TCase *tcase = tcase_create("when");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, good_ones);
        tcase_add_test(tcase, wrong_ones);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
