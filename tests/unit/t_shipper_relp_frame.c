/* shipper/sinks/relp_frame.c */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/sinks/relp_frame.h"

static int parse(const char *bytes, struct relp_frame *ret_frame, size_t *ret_used)
{
        return relp_frame_parse(bytes, strlen(bytes), ret_frame, ret_used);
}

START_TEST(frames_are_read)
{
        static const char two[] = "12 rsp 6 200 OK\n0 serverclose 0\n";
        struct relp_frame frame;
        size_t used = 0;

        ck_assert_int_eq(parse(two, &frame, &used), 0);
        ck_assert_uint_eq(frame.number, 12);
        ck_assert_str_eq(frame.command, "rsp");
        ck_assert_uint_eq(frame.length, 6);
        ck_assert_int_eq(memcmp(frame.data, "200 OK", 6), 0);
        ck_assert_uint_eq(used, 16);
        ck_assert_int_eq(parse(two + used, &frame, &used), 0);
        ck_assert_uint_eq(frame.number, 0);
        ck_assert_str_eq(frame.command, "serverclose");
        ck_assert_uint_eq(frame.length, 0);
        /* librelp's way to say that there is no data, and data that looks like frames. */
        ck_assert_int_eq(parse("3 rsp 0 \n", &frame, &used), 0);
        ck_assert_uint_eq(used, 9);
        ck_assert_int_eq(parse("999999999 rsp 9 \n4 rsp 0\n\n", &frame, &used), 0);
        ck_assert_uint_eq(frame.length, 9);
        ck_assert_uint_eq(used, 26);
}
END_TEST

/* Every beginning of a frame wants more, and never anything beyond its end. */
START_TEST(beginnings_want_more)
{
        static const char whole[] = "123456789 abcdefghijklmnopqrstuvwxyzABCDEF 10 200 OK\nx=y\n";
        struct relp_frame frame;
        size_t used = 0;

        for (size_t n = 0; n < strlen(whole); n++)
                ck_assert_int_eq(relp_frame_parse(whole, n, &frame, &used), -EAGAIN);
        ck_assert_int_eq(relp_frame_parse(whole, strlen(whole), &frame, &used), 0);
        ck_assert_uint_eq(used, strlen(whole));
        ck_assert_int_eq(parse("1 a 9 200 OK\nx=y\n", &frame, &used), -EBADMSG);
}
END_TEST

START_TEST(other_bytes_are_refused)
{
        static const char *const wrong[] = {
                "x",
                " 1 rsp 0\n",
                "-1 rsp 0\n",
                "1234567890 rsp 0\n",
                "1  rsp 0\n",
                "1 r5p 0\n",
                "1 rsp\n",
                "1 rsp x\n",
                "1 rsp 1x",
                "1 rsp 1 xx",
                "1 rsp 0x",
                "1 rsp 0  ",
                "1 rsp 1234567890 ",
                "1 rsp 65537 ",
                "1 rsp -1 ",
                "1 rsp 3 abc\r\n",
                "1 abcdefghijklmnopqrstuvwxyzABCDEFG 0\n",
                "HTTP/1.1 400 Bad Request\r\n",
        };
        struct relp_frame frame = { .number = 77 };
        size_t used = 99;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(parse(wrong[i], &frame, &used) == -EBADMSG, "%s", wrong[i]);
        ck_assert_int_eq(relp_frame_parse("1 rsp 1 \0x", 10, &frame, &used), -EBADMSG);
        ck_assert_uint_eq(frame.number, 77);
        ck_assert_uint_eq(used, 99);
}
END_TEST

START_TEST(frames_are_written)
{
        cleanup_buf struct buf buf = BUF_INIT(1000);

        relp_frame_put(&buf, 1, "open", "a=b", 3);
        relp_frame_put(&buf, 999999999, "close", NULL, 0);
        ck_assert_str_eq(buf.data, "1 open 3 a=b\n999999999 close 0\n");
}
END_TEST

static void must_reply(const char *data, unsigned code, const char *text)
{
        char got[RELP_TEXT_SIZE];
        unsigned number = 0;

        ck_assert_int_eq(relp_reply_parse(data, strlen(data), &number, got), 0);
        ck_assert_uint_eq(number, code);
        ck_assert_str_eq(got, text);
}

START_TEST(replies_are_read)
{
        char text[RELP_TEXT_SIZE] = "untouched";
        char many[1000];
        unsigned code = 7;

        must_reply("200 OK", 200, "OK");
        must_reply("200 OK\nrelp_version=0", 200, "OK");
        must_reply("500", 500, "");
        must_reply("500\nx", 500, "");
        must_reply("500 no \x1b[2J\xff room", 500, "no ?[2J? room");
        memset(many, 'x', sizeof(many));
        memcpy(many, "500 ", 4);
        ck_assert_int_eq(relp_reply_parse(many, sizeof(many), &code, text), 0);
        ck_assert_uint_eq(strlen(text), RELP_TEXT_SIZE - 1);
        ck_assert_int_eq(relp_reply_parse("20", 2, &code, text), -EBADMSG);
        ck_assert_int_eq(relp_reply_parse("2000", 4, &code, text), -EBADMSG);
        ck_assert_int_eq(relp_reply_parse("OK 200", 6, &code, text), -EBADMSG);
        ck_assert_int_eq(relp_reply_parse("", 0, &code, text), -EBADMSG);
}
END_TEST

static bool suffices(const char *data)
{
        return relp_offers_suffice(data, strlen(data));
}

START_TEST(offers_are_judged)
{
        ck_assert(suffices("200 OK\nrelp_version=0\nrelp_software=librelp,1.11\ncommands=syslog"));
        ck_assert(suffices("200 OK\nrelp_version=1\ncommands=eventlog,syslog,x\n"));
        ck_assert(!suffices("200 OK\nrelp_version=2\ncommands=syslog"));
        ck_assert(!suffices("200 OK\nrelp_version=00\ncommands=syslog"));
        ck_assert(!suffices("200 OK\nrelp_version=\ncommands=syslog"));
        ck_assert(!suffices("200 OK\nrelp_version=0\ncommands=syslogx,xsyslog"));
        ck_assert(!suffices("200 OK\nrelp_version=0\ncommands="));
        ck_assert(!suffices("200 OK\nrelp_version=0"));
        ck_assert(!suffices("200 OK\ncommands=syslog"));
        ck_assert(!suffices(""));
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper/sinks/relp_frame");
        TCase *tcase = tcase_create("relp_frame");
        SRunner *runner;
        int failed;

        tcase_add_test(tcase, frames_are_read);
        tcase_add_test(tcase, beginnings_want_more);
        tcase_add_test(tcase, other_bytes_are_refused);
        tcase_add_test(tcase, frames_are_written);
        tcase_add_test(tcase, replies_are_read);
        tcase_add_test(tcase, offers_are_judged);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
