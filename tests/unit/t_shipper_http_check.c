/* shipper/http_check.c: which URLs a sink may have, and when credentials may go there. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/conf.h"
#include "shipper/sinks/sink.h"

static struct policy_errors errors;
static struct ship_config config;

/* A Loki sink, which takes every key over HTTP; what is said about it, without the places. */
static const char *said(const char *url, const char *keys)
{
        static char text[4096];
        char *at = text;

        policy_errors_free(&errors);
        errors = POLICY_ERRORS_INIT;
        conf_free(&config);
        (void)snprintf(text, sizeof(text), "[sink a]\ntype = loki\nurl = %s\n%s", url, keys);
        ck_assert_int_eq(conf_parse("f", text, strlen(text), sink_types, sink_type_count, &errors, &config),
                         errors.count > 0 ? -EINVAL : 0);
        text[0] = '\0';
        for (char *line = errors.text.data; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
                at = stpncpy(at, strstr(line, ": ") + 2, strcspn(strstr(line, ": ") + 2, "\n") + 1);
        *at = '\0';
        return text;
}

START_TEST(urls_that_are_good)
{
        static const char *const good[] = {
                "http://a",       "https://a",          "http://a:3100/loki/api/v1/push?x=y",
                "http://[::1]:1", "http://[fe80::1]/x", "https://10.0.0.1/a@b"
        };

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                ck_assert_str_eq(said(good[i], ""), "");
}
END_TEST

START_TEST(urls_that_are_none)
{
        static const char *const cases[][2] = {
                { "ftp://a", "expected http://… or https://…\n" },
                { "HTTP://a", "expected http://… or https://…\n" },
                { "a:3100", "expected http://… or https://…\n" },
                { "file:///etc/passwd", "expected http://… or https://…\n" },
                { "http:/a", "expected http://… or https://…\n" },
                { "http://",
                  "expected a host, and no user or password (`user`, `password` and `token` are for that)\n" },
                { "http:///x",
                  "expected a host, and no user or password (`user`, `password` and `token` are for that)\n" },
                { "http://:80/",
                  "expected a host, and no user or password (`user`, `password` and `token` are for that)\n" },
                { "https://me:secret@a",
                  "expected a host, and no user or password (`user`, `password` and `token` are for that)\n" },
                { "http://localhost:1@a",
                  "expected a host, and no user or password (`user`, `password` and `token` are for that)\n" },
                { "http://a/b c", "a URL has no blanks, no `#` and no characters beyond ASCII\n" },
                { "http://a/#x", "a URL has no blanks, no `#` and no characters beyond ASCII\n" },
                { "http://\xc3\xa9", "a URL has no blanks, no `#` and no characters beyond ASCII\n" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                ck_assert_msg(strcmp(said(cases[i][0], ""), cases[i][1]) == 0, "%s: %s", cases[i][0],
                              said(cases[i][0], ""));
}
END_TEST

#define IN_CLEAR                                                                                                 \
        "credentials would travel without TLS; use https://, or say `cleartext = yes` where the network itself " \
        "is encrypted\n"

/* What only looks like this host is another one. */
START_TEST(credentials_need_tls_or_this_host)
{
        static const char *const here[] = { "http://localhost", "http://localhost:3100/x", "http://127.0.0.1:1",
                                            "http://127.1",     "http://[::1]:3100",       "https://logs.example" };
        static const char *const elsewhere[] = { "http://logs.example",
                                                 "http://localhost.example",
                                                 "http://127.0.0.1.example",
                                                 "http://127.0.0.1x",
                                                 "http://127.example",
                                                 "http://[::1:2]",
                                                 "http://[fe80::1]",
                                                 "http://localhos",
                                                 "http://10.0.0.1?127.0.0.1",
                                                 "http://128.0.0.1",
                                                 "http://logs.example/localhost" };
        static const char *const secrets[] = { "token = t\n", "user = u\npassword = p\n" };

        for (size_t k = 0; k < 2; k++) {
                char keys[128];

                for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
                        ck_assert_msg(said(here[i], secrets[k])[0] == '\0', "%s", here[i]);
                for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
                        ck_assert_msg(strcmp(said(elsewhere[i], secrets[k]), IN_CLEAR) == 0, "%s", elsewhere[i]);
                        ck_assert_str_eq(said(elsewhere[i], ""), "");
                        (void)snprintf(keys, sizeof(keys), "%scleartext = yes\n", secrets[k]);
                        ck_assert_str_eq(said(elsewhere[i], keys), "");
                }
        }
}
END_TEST

START_TEST(keys_of_tls_need_it)
{
        ck_assert_str_eq(said("http://a", "ca = /x\n"), "needs an https:// URL\n");
        ck_assert_str_eq(said("http://a", "certificate = /x\nkey = k\n"), "needs an https:// URL\n");
        ck_assert_str_eq(said("https://a", "ca = /x\ncertificate = /x\nkey = k\n"), "");
        /* All that is wrong is told at once. */
        ck_assert_str_eq(said("http://a/ b", "ca = /x\ntoken = t\n"),
                         "a URL has no blanks, no `#` and no characters beyond ASCII\n" IN_CLEAR
                         "needs an https:// URL\n");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper/http_check");
        TCase *tcase = tcase_create("http_check");
        SRunner *runner;
        int failed;

        tcase_add_test(tcase, urls_that_are_good);
        tcase_add_test(tcase, urls_that_are_none);
        tcase_add_test(tcase, credentials_need_tls_or_this_host);
        tcase_add_test(tcase, keys_of_tls_need_it);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        policy_errors_free(&errors);
        conf_free(&config);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
