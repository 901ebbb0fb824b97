/* shipper/reply.c, jsonread.c, retry.c: what servers answer, to the letter. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/jsonread.h"
#include "shipper/reply.h"
#include "shipper/retry.h"

START_TEST(dates)
{
        static const char *const wrong[] = {
                "",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 GMT ",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 31 Feb 1994 08:49:37 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 24:49:37 GMT",
                "Sun, 06 Nov 1994 08:60:37 GMT",
                "Sun, 06 nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1969 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
        };
        int64_t seconds = 5;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(reply_date(wrong[i], &seconds) == -EINVAL, "%s", wrong[i]);
        ck_assert_int_eq(seconds, 5);
        ck_assert_int_eq(reply_date("Sun, 06 Nov 1994 08:49:37 GMT", &seconds), 0);
        ck_assert_int_eq(seconds, 784111777);
        ck_assert_int_eq(reply_date("Thu, 01 Jan 1970 00:00:00 GMT", &seconds), 0);
        ck_assert_int_eq(seconds, 0);
}
END_TEST

static uint64_t after(const char *value, const char *date)
{
        uint64_t ms = 0;

        ck_assert_msg(reply_retry_after(value, date, 784111777, &ms) == 0, "%s", value);
        return ms;
}

START_TEST(retry_after)
{
        uint64_t ms = 7;

        ck_assert_uint_eq(after("0", ""), 0);
        ck_assert_uint_eq(after("120", ""), 120000);
        ck_assert_uint_eq(after("86400", ""), 86400000);
        ck_assert_uint_eq(after("86401", ""), 86400000);
        ck_assert_uint_eq(after("99999999999999999999999999", ""), 86400000);
        ck_assert_uint_eq(after("Sun, 06 Nov 1994 08:49:47 GMT", ""), 10000);
        ck_assert_uint_eq(after("Sun, 06 Nov 1994 08:49:27 GMT", ""), 0);
        ck_assert_uint_eq(after("Sun, 06 Nov 2094 08:49:27 GMT", ""), 86400000);
        /* The server's own clock counts. */
        ck_assert_uint_eq(after("Sun, 06 Nov 1994 08:49:47 GMT", "Sun, 06 Nov 1994 08:49:45 GMT"), 2000);
        ck_assert_int_eq(reply_retry_after("", "", 0, &ms), -EINVAL);
        ck_assert_int_eq(reply_retry_after("-1", "", 0, &ms), -EINVAL);
        ck_assert_int_eq(reply_retry_after("1.5", "", 0, &ms), -EINVAL);
        ck_assert_int_eq(reply_retry_after("soon", "", 0, &ms), -EINVAL);
        ck_assert_uint_eq(ms, 7);
}
END_TEST

static int otlp(const char *body, int64_t *rejected, char *why)
{
        return reply_otlp(body, strlen(body), rejected, why);
}

START_TEST(partial_success)
{
        static const char *const wrong[] = {
                "[]",
                "{",
                "{}x",
                "<html>",
                "{\"partialSuccess\":[]}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":-1}}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":1.5}}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":\"\"}}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":true}}",
                "{\"partialSuccess\":{\"errorMessage\":\"\n\"}}",
                "{\"x\":01}",
        };
        char why[REPLY_WHY_SIZE] = "as it was";
        int64_t rejected = 7;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(otlp(wrong[i], &rejected, why) == -EBADMSG, "%s", wrong[i]);
        ck_assert_str_eq(why, "as it was");
        ck_assert_int_eq(rejected, 7);
        ck_assert_int_eq(otlp("", &rejected, why), 0);
        ck_assert_int_eq(rejected, 0);
        ck_assert_str_eq(why, "");
        ck_assert_int_eq(
                otlp(" {\"more\":[{\"a\":[1,-2.5e+3,true,false,null]}],\"partialSuccess\":null}\n", &rejected, why), 0);
        ck_assert_int_eq(rejected, 0);
        ck_assert_int_eq(
                otlp("{\"partialSuccess\":{\"rejectedLogRecords\":\"12\",\"errorMessage\":\"a \\\"b\\\"\\u00e9\"}}",
                     &rejected, why),
                0);
        ck_assert_int_eq(rejected, 12);
        ck_assert_str_eq(why, "a \"b\"?");
        ck_assert_int_eq(otlp("{\"partialSuccess\":{\"rejectedLogRecords\":3}}", &rejected, why), 0);
        ck_assert_int_eq(rejected, 3);
}
END_TEST

struct seen {
        size_t count;
        struct reply_item items[8];
};

static int take(void *context, size_t index, const struct reply_item *item)
{
        struct seen *seen = context;

        ck_assert_uint_eq(index, seen->count);
        if (seen->count == 8)
                return -E2BIG;
        seen->items[seen->count++] = *item;
        return 0;
}

static int bulk(const char *body, struct seen *seen)
{
        *seen = (struct seen){ 0 };
        return reply_bulk(body, strlen(body), take, seen);
}

START_TEST(bulk_items)
{
        static const char *const wrong[] = {
                "",
                "{}",
                "{\"items\":{}}",
                "{\"items\":[1]}",
                "{\"items\":[{}]}",
                "{\"items\":[{\"create\":{}}]}",
                "{\"items\":[{\"create\":{\"status\":99}}]}",
                "{\"items\":[{\"create\":{\"status\":\"x\"}}]}",
                "{\"items\":[{\"create\":{\"status\":200},\"index\":{\"status\":200}}]}",
                "{\"items\":[{\"create\":{\"status\":200}}",
                "{\"items\":[{\"create\":{\"status\":200}},]}",
                "{\"items\":[]}{}",
                "{\"items\":[],\"items\":[{\"create\":{\"status\":200}}]}x",
        };
        struct seen seen;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(bulk(wrong[i], &seen) == -EBADMSG, "%s", wrong[i]);
        ck_assert_int_eq(bulk("{\"items\":[]}", &seen), 0);
        ck_assert_int_eq(bulk("{\"took\":1,\"errors\":true,\"items\":[{\"create\":{\"_index\":\"d\",\"_id\":\"u:1\","
                              "\"status\":201}},"
                              "{\"create\":{\"status\":400,\"error\":{\"type\":\"t\",\"reason\":\"r\",\"caused_by\":{"
                              "\"type\":\"x\"}}}},"
                              "{\"create\":{\"status\":429,\"error\":\"old\"}}]}",
                              &seen),
                         0);
        ck_assert_uint_eq(seen.count, 3);
        ck_assert_str_eq(seen.items[0].id, "u:1");
        ck_assert_int_eq(seen.items[0].status, 201);
        ck_assert_int_eq(seen.items[1].status, 400);
        ck_assert_str_eq(seen.items[1].why, "t: r");
        ck_assert_str_eq(seen.items[1].id, "");
        ck_assert_str_eq(seen.items[2].why, "old");
}
END_TEST

START_TEST(the_callback_ends_it)
{
        char body[1024] = "{\"items\":[";
        struct seen seen;

        for (int i = 0; i < 9; i++)
                strcat(body, i > 0 ? ",{\"create\":{\"status\":200}}" : "{\"create\":{\"status\":200}}");
        strcat(body, "]}");
        ck_assert_int_eq(bulk(body, &seen), -E2BIG);
}
END_TEST

/* Nesting is bounded: 32 is read, 33 is not. */
START_TEST(nesting_is_bounded)
{
        for (size_t depth = 1; depth < 100; depth++) {
                char text[256];
                struct jsonread json;

                memset(text, '[', depth);
                memset(text + depth, ']', depth);
                json = jsonread_of(text, 2 * depth);
                ck_assert_int_eq(jsonread_skip(&json), depth <= JSONREAD_DEPTH_MOST);
                ck_assert_int_eq(json.wrong, depth > JSONREAD_DEPTH_MOST);
        }
}
END_TEST

START_TEST(loki_oldest)
{
        static const char good[] =
                "entry for stream '{}' has timestamp too old: 2023-01-01T00:00:00Z, oldest acceptable timestamp "
                "is: 2023-11-14T22:13:20Z";
        static const char *const wrong[] = { "",
                                             "oldest",
                                             "oldest acceptable timestamp is: ",
                                             "oldest acceptable timestamp is: 2023-11-14",
                                             "oldest acceptable timestamp is: 2023-13-14T22:13:20Z",
                                             "oldest acceptable timestamp is: 2023-02-30T22:13:20Z",
                                             "oldest acceptable timestamp is: 9999-11-14T22:13:20Z",
                                             "oldest acceptable timestamp is: 2023-11-14T25:13:20Z" };
        int64_t ns = 3;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(reply_loki_oldest(wrong[i], strlen(wrong[i]), &ns) == -ENOENT, "%s", wrong[i]);
        ck_assert_int_eq(ns, 3);
        ck_assert_int_eq(reply_loki_oldest(good, sizeof(good) - 1, &ns), 0);
        ck_assert_int_eq(ns, INT64_C(1700000000000000000));
        ck_assert_int_eq(reply_loki_oldest(good, sizeof(good) - 8, &ns), -ENOENT);
}
END_TEST

/* Between nothing and a bound that doubles, up to a most. */
START_TEST(delays)
{
        uint64_t bound = RETRY_FIRST_MS;

        for (unsigned failures = 0; failures < 100; failures++) {
                ck_assert_uint_eq(retry_delay_ms(failures, 0), 0);
                ck_assert_uint_eq(retry_delay_ms(failures, bound), bound);
                ck_assert_uint_eq(retry_delay_ms(failures, bound + 1), 0);
                bound = 2 * bound < RETRY_MOST_MS ? 2 * bound : RETRY_MOST_MS;
        }
}
END_TEST

START_TEST(the_budget_ends_it_at_once)
{
        struct retry retry;

        retry_start(&retry, 0);
        ck_assert_int_eq(retry_wait(&retry, 0), -ETIMEDOUT);
        retry_start(&retry, 5000);
        ck_assert_int_eq(retry_wait(&retry, 5001), -ETIMEDOUT);
        ck_assert_uint_eq(retry.failures, 0);
        ck_assert_int_eq(retry_wait(&retry, 0), 0);
        ck_assert_uint_eq(retry.failures, 1);
        retry_success(&retry);
        ck_assert_uint_eq(retry.failures, 0);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper/reply");
        TCase *tcase = tcase_create("reply");
        SRunner *runner;
        int failed;

        tcase_add_test(tcase, dates);
        tcase_add_test(tcase, retry_after);
        tcase_add_test(tcase, partial_success);
        tcase_add_test(tcase, bulk_items);
        tcase_add_test(tcase, the_callback_ends_it);
        tcase_add_test(tcase, nesting_is_bounded);
        tcase_add_test(tcase, loki_oldest);
        tcase_add_test(tcase, delays);
        tcase_add_test(tcase, the_budget_ends_it_at_once);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
