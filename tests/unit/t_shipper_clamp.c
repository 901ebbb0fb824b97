/* shipper/clamp.c, settle.c, web.c's judgement, gzip.c: small parts of the sinks. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "shipper/clamp.h"
#include "shipper/gzip.h"
#include "shipper/settle.h"
#include "shipper/web.h"

START_TEST(times_never_fall_within_a_stream)
{
        struct clamp clamp = { 0 };

        ck_assert_int_eq(clamp_raise(&clamp, 1, 100), 100);
        ck_assert_int_eq(clamp_raise(&clamp, 2, 50), 50);
        ck_assert_int_eq(clamp_raise(&clamp, 1, 90), 100);
        ck_assert_int_eq(clamp_raise(&clamp, 1, 101), 101);
        ck_assert_int_eq(clamp_now(&clamp, 1), 101);
        ck_assert_int_eq(clamp_now(&clamp, 2), 50);
        ck_assert_int_eq(clamp_now(&clamp, 3), 0);
        clamp.floor_ns = 1000;
        ck_assert_int_eq(clamp_now(&clamp, 3), 1000);
        ck_assert_int_eq(clamp_raise(&clamp, 2, 60), 1000);
        ck_assert_int_eq(clamp_raise(&clamp, 2, 1001), 1001);
}
END_TEST

START_TEST(the_least_recently_used_gives_way)
{
        struct clamp clamp = { 0 };

        for (uint64_t i = 0; i < CLAMP_STREAMS_MOST; i++)
                (void)clamp_raise(&clamp, i, 100 + (int64_t)i);
        (void)clamp_raise(&clamp, 0, 200);
        (void)clamp_raise(&clamp, 99, 300);
        ck_assert_uint_eq(clamp.count, CLAMP_STREAMS_MOST);
        ck_assert_int_eq(clamp_now(&clamp, 0), 200);
        ck_assert_int_eq(clamp_now(&clamp, 1), 0);
        ck_assert_int_eq(clamp_now(&clamp, 2), 102);
        ck_assert_int_eq(clamp_now(&clamp, 99), 300);
}
END_TEST

START_TEST(a_clamp_comes_back_from_its_text)
{
        static const char *const wrong[] = {
                "x",         "floor",        "floor=",      "floor=-1",        "floor=1 ",
                "floor=1 2", "floor=1 =2",   "floor=1 2=",  "floor=1 2=3 2=4", "floor=1 2=-3",
                " floor=1",  "floor=1  2=3", "floor=1 2=3x"
        };
        cleanup_buf struct buf text = BUF_INIT(4096);
        struct clamp clamp = { .floor_ns = 7 };
        struct clamp again = { .floor_ns = 5 };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(clamp_parse(wrong[i], &again) == -EBADMSG, "%s", wrong[i]);
        ck_assert_int_eq(again.floor_ns, 5);
        for (uint64_t i = 0; i < CLAMP_STREAMS_MOST; i++)
                (void)clamp_raise(&clamp, UINT64_MAX - i, INT64_MAX - (int64_t)i);
        clamp_print(&clamp, &text);
        ck_assert_uint_lt(text.length, CURSOR_STATE_SIZE);
        ck_assert_int_eq(clamp_parse(text.data, &again), 0);
        ck_assert_mem_eq(&again, &clamp, sizeof(clamp));
        ck_assert_int_eq(clamp_parse("", &again), 0);
        ck_assert_uint_eq(again.count, 0);
        buf_clear(&text);
        clamp_print(&again, &text);
        ck_assert_uint_eq(text.length, 0);
}
END_TEST

START_TEST(cursors_settle_in_their_order)
{
        struct settle settle = { .delay_ms = 100 };
        struct cursor cursor = { .seq = 1 };
        struct cursor taken = { .seq = 0 };

        ck_assert(!settle_take(&settle, 1000, &taken));
        ck_assert_uint_eq(settle_left_ms(&settle, 1000), 0);
        settle_add(&settle, &cursor, 1000);
        cursor.seq = 2;
        settle_add(&settle, &cursor, 1050);
        ck_assert_uint_eq(settle_left_ms(&settle, 1060), 90);
        ck_assert(!settle_take(&settle, 1099, &taken));
        ck_assert(settle_take(&settle, 1100, &taken));
        ck_assert_int_eq(taken.seq, 1);
        ck_assert(!settle_take(&settle, 1149, &taken));
        ck_assert(settle_take(&settle, 1150, &taken));
        ck_assert_int_eq(taken.seq, 2);
        ck_assert_uint_eq(settle.count, 0);
}
END_TEST

/* More than there is room for: none is due before its time, and the newest is the last. */
START_TEST(many_cursors_are_merged)
{
        struct settle settle = { .delay_ms = 100 };
        struct cursor taken = { .seq = 0 };

        for (int64_t i = 1; i <= 3 * SETTLE_MOST; i++) {
                struct cursor cursor = { .seq = i };

                settle_add(&settle, &cursor, i);
        }
        for (int64_t now = 100; now < 100 + 3 * SETTLE_MOST; now++)
                if (settle_take(&settle, now, &taken))
                        ck_assert_int_le(taken.seq, now - 100);
        ck_assert(settle_take(&settle, 100 + 3 * SETTLE_MOST, &taken));
        ck_assert_int_eq(taken.seq, 3 * SETTLE_MOST);
}
END_TEST

START_TEST(statuses)
{
        static const struct {
                long status;
                enum web_verdict verdict;
        } all[] = { { 200, WEB_ACCEPTED }, { 204, WEB_ACCEPTED }, { 301, WEB_CONFIG },  { 307, WEB_CONFIG },
                    { 400, WEB_REFUSED },  { 401, WEB_CONFIG },   { 403, WEB_REFUSED }, { 404, WEB_CONFIG },
                    { 405, WEB_CONFIG },   { 407, WEB_CONFIG },   { 408, WEB_LATER },   { 413, WEB_REFUSED },
                    { 422, WEB_REFUSED },  { 425, WEB_LATER },    { 429, WEB_LATER },   { 500, WEB_STRANGE },
                    { 501, WEB_STRANGE },  { 502, WEB_LATER },    { 503, WEB_LATER },   { 504, WEB_LATER },
                    { 505, WEB_STRANGE },  { 599, WEB_STRANGE },  { 0, WEB_LATER },     { 100, WEB_LATER } };

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
                ck_assert_msg(web_judge_status(all[i].status) == all[i].verdict, "%ld", all[i].status);
}
END_TEST

START_TEST(zipped_bytes_are_the_same_each_time)
{
        cleanup_buf struct buf first = BUF_INIT(1 << 20);
        cleanup_buf struct buf second = BUF_INIT(1 << 20);
        static char text[200000];
        static unsigned char again[sizeof(text)];
        z_stream stream = { 0 };

        for (size_t i = 0; i < sizeof(text); i++)
                text[i] = (char)(i * i / 7);
        ck_assert_int_eq(gzip_put(&first, text, sizeof(text)), 0);
        ck_assert_int_eq(gzip_put(&second, text, sizeof(text)), 0);
        ck_assert_uint_eq(first.length, second.length);
        ck_assert_mem_eq(first.data, second.data, first.length);
        ck_assert_mem_eq(first.data, "\x1f\x8b\x08\0\0\0\0\0", 8);
        ck_assert_int_eq(inflateInit2(&stream, 16 + 15), Z_OK);
        stream.next_in = (unsigned char *)first.data;
        stream.avail_in = (unsigned)first.length;
        stream.next_out = again;
        stream.avail_out = sizeof(again);
        ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
        ck_assert_mem_eq(again, text, sizeof(text));
        (void)inflateEnd(&stream);
        buf_free(&first);
        first = BUF_INIT(10);
        ck_assert_int_eq(gzip_put(&first, text, sizeof(text)), -EMSGSIZE);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper/clamp");
        TCase *tcase = tcase_create("clamp");
        SRunner *runner;
        int failed;

        tcase_add_test(tcase, times_never_fall_within_a_stream);
        tcase_add_test(tcase, the_least_recently_used_gives_way);
        tcase_add_test(tcase, a_clamp_comes_back_from_its_text);
        tcase_add_test(tcase, cursors_settle_in_their_order);
        tcase_add_test(tcase, many_cursors_are_merged);
        tcase_add_test(tcase, statuses);
        tcase_add_test(tcase, zipped_bytes_are_the_same_each_time);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
