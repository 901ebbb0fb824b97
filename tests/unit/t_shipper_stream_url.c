/* shipper/stream_url.c */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/stream_url.h"

static const struct stream_scheme schemes[] = {
        { "unix", STREAM_UNIX_DATAGRAM, false, NULL },
        { "tcp", STREAM_TCP, false, NULL },
        { "tls", STREAM_TCP, true, "6514" },
        { NULL, STREAM_TCP, false, NULL },
};

static void must_be(const char *text, const char *host, const char *port, const char *path)
{
        struct stream_url url;
        const char *wrong = stream_url_parse(text, schemes, &url);

        ck_assert_msg(wrong == NULL, "%s: %s", text, wrong);
        ck_assert_str_eq(url.host, host);
        ck_assert_str_eq(url.port, port);
        ck_assert_str_eq(url.path, path);
}

START_TEST(urls_are_taken_apart)
{
        must_be("unix:/dev/log", "", "", "/dev/log");
        must_be("tcp://logs.example:514", "logs.example", "514", "");
        must_be("tcp://[2001:db8::1]:65535", "2001:db8::1", "65535", "");
        must_be("tcp://[fe80::1%eth0]:1", "fe80::1%eth0", "1", "");
        must_be("tls://10.0.0.1", "10.0.0.1", "6514", "");
        must_be("tls://h:7", "h", "7", "");
}
END_TEST

START_TEST(urls_are_refused)
{
        static const char *const wrong[] = {
                "",
                "tcp",
                "udp://h:1",
                "tcp:h:1",
                "tcp:/h:1",
                "tcp://:1",
                "tcp://h",
                "tcp://h:",
                "tcp://h:0",
                "tcp://h:65536",
                "tcp://h:1/",
                "tcp://h:1 ",
                "tcp://h:+1",
                "tcp://u@h:1",
                "tcp://2001:db8::1:5",
                "tcp://[::1:5",
                "tcp://[]:5",
                "tls://h/path",
                "tls://h:00006514",
                "unix:",
                "unix:/",
                "unix:dev/log",
                "unix://dev/log",
                "TCP://h:1",
                "tcp://h\n:1",
        };
        struct stream_url url = { .host = "untouched" };
        char longest[400];

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                ck_assert_msg(stream_url_parse(wrong[i], schemes, &url) != NULL, "%s was taken", wrong[i]);
                ck_assert_str_eq(url.host, "untouched");
        }
        memset(longest, 'x', sizeof(longest));
        memcpy(longest, "tcp://", 6);
        memcpy(longest + sizeof(longest) - 3, ":1", 3);
        ck_assert_ptr_nonnull(stream_url_parse(longest, schemes, &url));
        memset(longest, 'x', sizeof(longest));
        memcpy(longest, "unix:/", 6);
        longest[5 + 108] = '\0'; /* a path of 108 */
        ck_assert_ptr_nonnull(stream_url_parse(longest, schemes, &url));
        longest[5 + 107] = '\0';
        ck_assert_ptr_null(stream_url_parse(longest, schemes, &url));
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper/stream_url");
        TCase *tcase = tcase_create("stream_url");
        SRunner *runner;
        int failed;

        tcase_add_test(tcase, urls_are_taken_apart);
        tcase_add_test(tcase, urls_are_refused);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
