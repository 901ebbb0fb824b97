/* shipper/conf.c, conf_key.c, conf_sink.c: a ship.conf is right as a whole, or refused as a whole with every error. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/conf.h"
#include "shipper/sinks/sink.h"

static const char *const own_keys[] = { "facility", NULL };

static void check_target(const struct sink_config *sink, struct conf_check *check)
{
        if (strncmp(sink->target, "http://", 7) != 0)
                conf_wrong(check, "url", "expected http://");
        if (conf_option(sink, "facility") != NULL && strcmp(conf_option(sink, "facility"), "auth") != 0)
                conf_wrong(check, "facility", "no such facility");
}

static void check_nothing(const struct sink_config *sink, struct conf_check *check)
{
        ck_assert_ptr_nonnull(sink->target);
        (void)check;
}

static const struct sink_type web = {
        .name = "web",
        .keys = SINK_URL | SINK_LABEL | SINK_LOGIN | SINK_CLIENT | SINK_TIMEOUT | SINK_SETTLE | SINK_GZIP,
        .options = own_keys,
        .settle_ms = 5000,
        .line_bytes = 1000,
        .check = check_target,
};
static const struct sink_type plain = { .name = "plain", .keys = 0, .check = check_nothing };
static const struct sink_type file = { .name = "file", .keys = SINK_PATH, .check = check_nothing };
static const struct sink_type *const types[] = { &web, &plain, &file };

static struct policy_errors errors;
static struct ship_config config;

static int parse(const char *text)
{
        policy_errors_free(&errors);
        errors = POLICY_ERRORS_INIT;
        conf_free(&config);
        return conf_parse("f", text, strlen(text), types, 3, &errors, &config);
}

static void refused(const char *text, const char *wanted)
{
        ck_assert_int_eq(parse(text), -EINVAL);
        ck_assert_str_eq(errors.text.data, wanted);
        ck_assert_uint_eq(config.count, 0);
}

START_TEST(reads_every_key)
{
        const struct sink_config *sink;

        ck_assert_int_eq(parse("[sink one.two_3-x]\nurl = http://x\nlabel = env=prod\nlabel = site=a b\ntype = web\n"
                               "user = u\npassword = pw\ncertificate = /c\nkey = /k\ntimeout = 2s\nretry = 0\n"
                               "settle = 100ms\ngzip = yes\nbatch-bytes = 64k\nbatch-rows = 7\nfacility = auth\n"
                               "[sink p]\ntype = plain\n[sink f]\ntype = file\npath = /x\n"),
                         0);
        ck_assert_uint_eq(config.count, 3);
        sink = conf_find(&config, "one.two_3-x");
        ck_assert_ptr_nonnull(sink);
        ck_assert_ptr_eq(sink->type, &web);
        ck_assert_str_eq(sink->target, "http://x");
        ck_assert_str_eq(sink->labels[0], "env=prod");
        ck_assert_str_eq(sink->labels[1], "site=a b");
        ck_assert_ptr_null(sink->labels[2]);
        ck_assert_str_eq(sink->user, "u");
        ck_assert_str_eq(sink->password, "pw");
        ck_assert_str_eq(sink->certificate, "/c");
        ck_assert_str_eq(sink->private_key, "/k");
        ck_assert_uint_eq(sink->timeout_ms, 2000);
        ck_assert_uint_eq(sink->retry_ms, 0);
        ck_assert_uint_eq(sink->settle_ms, 100);
        ck_assert(sink->gzip);
        ck_assert_uint_eq(sink->batch_bytes, 65536);
        ck_assert_uint_eq(sink->batch_rows, 7);
        ck_assert_str_eq(conf_option(sink, "facility"), "auth");
        ck_assert_ptr_null(conf_option(sink, "facilit"));
        ck_assert_str_eq(conf_find(&config, "p")->target, "");
        ck_assert_str_eq(conf_find(&config, "f")->target, "/x");
        ck_assert_ptr_null(conf_find(&config, "q"));
}
END_TEST

START_TEST(knows_what_is_usual)
{
        ck_assert_int_eq(parse("[sink a]\ntype = web\nurl = http://x\n[sink b]\ntype = plain\n"), 0);
        ck_assert_uint_eq(config.sinks[0]->settle_ms, 5000);
        ck_assert_uint_eq(config.sinks[0]->line_bytes, 1000);
        ck_assert_uint_eq(config.sinks[0]->timeout_ms, 30000);
        ck_assert_uint_eq(config.sinks[0]->retry_ms, 60000);
        ck_assert_uint_eq(config.sinks[0]->batch_bytes, 1024 * 1024);
        ck_assert_uint_eq(config.sinks[1]->batch_bytes, 1024 * 1024);
        ck_assert_uint_eq(config.sinks[0]->batch_rows, 2000);
        ck_assert(!config.sinks[0]->gzip);
}
END_TEST

START_TEST(tells_all_errors_with_their_places)
{
        refused("[sink a]\ntype = web\nurl = ftp://x\nnonsense = 1\ntimeout = 5\n  gzip = maybe\n[sink b]\ntype = "
                "nope\n"
                "[sink c]\ntype = plain\nurl = x\n",
                "f:4:1: unknown key `nonsense`\n"
                "f:5:11: expected a time span such as 500ms, 30s, 5m, within the bounds of ship.conf(5)\n"
                "f:6:10: expected yes or no\n"
                "f:3:7: expected http://\n"
                "f:8:8: no such type of sink; there are web plain file\n"
                "f:11:7: a sink of type plain has no key `url`\n");
}
END_TEST

START_TEST(refuses_sections_that_are_none)
{
        refused("[sink]\n", "f:1:1: expected [sink NAME]\n");
        refused("[sink a b]\n", "f:1:1: expected [sink NAME]\n");
        refused("[sinks a]\n", "f:1:1: expected [sink NAME]\n");
        refused("[sink ../a]\n", "f:1:1: a sink's name has letters, digits, `.`, `_`, `-`, and at most 64 of them\n");
        refused("[sink a:b]\n", "f:1:1: a sink's name has letters, digits, `.`, `_`, `-`, and at most 64 of them\n");
        refused("[sink a]\ntype = plain\n[sink a]\ntype = plain\n", "f:3:1: there is a sink a already\n");
        refused("# nothing\n", "f: no [sink NAME] in it\n");
        refused("", "f: no [sink NAME] in it\n");
        refused("[sink a]\n", "f:1:1: `type = …` is missing\n");
}
END_TEST

START_TEST(refuses_what_is_missing_or_double)
{
        refused("[sink a]\ntype = web\n", "f:1:1: a sink of type web needs `url = …`\n");
        refused("[sink a]\ntype = file\n", "f:1:1: a sink of type file needs `path = …`\n");
        refused("[sink a]\ntype = plain\ntype = plain\n", "f:3:1: `type` is given twice\n");
        refused("[sink a]\ntype = web\nurl = http://x\nurl = http://y\n", "f:4:1: `url` is given twice\n");
        refused("[sink a]\ntype = web\nurl = http://x\nfacility = auth\nfacility = auth\n",
                "f:5:1: `facility` is given twice\n");
        refused("[sink a]\ntype = web\nurl = http://x\nuser = u\n", "f:4:8: `user` and `password` go together\n");
        refused("[sink a]\ntype = web\nurl = http://x\nkey = k\n", "f:4:7: `certificate` and `key` go together\n");
        refused("[sink a]\ntype = web\nurl = http://x\nuser = u\npassword = p\ntoken = t\n",
                "f:6:9: `token` and `user` exclude each other\n");
        refused("[sink a]\ntype = file\npath = x\n", "f:3:8: expected a path that begins with /\n"
                                                     "f:1:1: a sink of type file needs `path = …`\n");
        refused("[sink a]\ntype = plain\nfacility = auth\n", "f:3:12: a sink of type plain has no key `facility`\n");
        refused("[sink a]\ntype = web\nurl = http://x\nfacility = x\n", "f:4:12: no such facility\n");
}
END_TEST

START_TEST(refuses_values_out_of_bounds)
{
        static const char *const lines[] = {
                "timeout = 99ms",    "timeout = 11m",  "settle = 11m",    "retry = 2h",          "batch-bytes = 4095",
                "batch-bytes = 17M", "batch-rows = 0", "batch-rows = 1x", "batch-rows = 100001", "label = 1a=b",
                "label = a",         "label = a=",     "label = =b",      "label = a-b=c",       "token = a/b",
                "token = .x",        "gzip = Yes",     "password =",
        };

        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                char text[256];

                ck_assert_int_eq(parse("[sink a]\ntype = web\nurl = http://x\n"), 0);
                (void)snprintf(text, sizeof(text), "[sink a]\ntype = web\nurl = http://x\n%s\n", lines[i]);
                ck_assert_msg(parse(text) == -EINVAL, "%s is taken", lines[i]);
                ck_assert_msg(strstr(errors.text.data, "f:4:") != NULL, "%s: %s", lines[i], errors.text.data);
        }
}
END_TEST

START_TEST(bounds_their_number)
{
        cleanup_buf struct buf text = BUF_INIT(65536);

        for (int i = 0; i <= CONF_SINKS_MOST; i++)
                buf_printf(&text, "[sink s%d]\ntype = plain\n", i);
        refused(text.data, "f:33:1: more than 16 sinks\n");
        buf_clear(&text);
        buf_put_text(&text, "[sink a]\ntype = web\nurl = http://x\n");
        for (int i = 0; i < CONF_PLACES_MOST; i++)
                buf_printf(&text, "label = a%d=b\n", i);
        ck_assert_int_eq(parse(text.data), -EINVAL);
        ck_assert_uint_eq(errors.count, 2);
}
END_TEST

/* A program that only wants to know whose cursors there are judges nothing else. */
START_TEST(gives_names_alone)
{
        static const char text[] = "[sink a]\ntype = whatever\nx = y\n[sink b]\n";

        policy_errors_free(&errors);
        errors = POLICY_ERRORS_INIT;
        conf_free(&config);
        ck_assert_int_eq(conf_parse("f", text, strlen(text), NULL, 0, &errors, &config), 0);
        ck_assert_uint_eq(config.count, 2);
        ck_assert_str_eq(config.sinks[1]->name, "b");
}
END_TEST

START_TEST(takes_specs)
{
        struct fault fault = { 0 };

        conf_free(&config);
        ck_assert_int_eq(conf_add_spec(&config, "web:http://x:1/", types, 3, &fault), 0);
        ck_assert_str_eq(config.sinks[0]->name, "web:http://x:1/");
        ck_assert_str_eq(config.sinks[0]->target, "http://x:1/");
        ck_assert_int_eq(conf_add_spec(&config, "web:http://x:1/", types, 3, &fault), -1);
        ck_assert_int_eq(fault.status, FAULT_USAGE);
        ck_assert_str_eq(fault.text, "--sink web:http://x:1/: given twice");
        ck_assert_int_eq(conf_add_spec(&config, "web:x", types, 3, &fault), -1);
        ck_assert_str_eq(fault.text, "--sink web:x: expected http://");
        ck_assert_int_eq(conf_add_spec(&config, "we:x", types, 3, &fault), -1);
        ck_assert_int_eq(conf_add_spec(&config, "web:http://\n", types, 3, &fault), -1);
        ck_assert_str_eq(fault.text, "--sink: control character at position 12");
        ck_assert_uint_eq(config.count, 1);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("shipper_conf");
        TCase *tests = tcase_create("conf");
        SRunner *runner = srunner_create(suite);
        int failed;

        tcase_add_test(tests, reads_every_key);
        tcase_add_test(tests, knows_what_is_usual);
        tcase_add_test(tests, tells_all_errors_with_their_places);
        tcase_add_test(tests, refuses_sections_that_are_none);
        tcase_add_test(tests, refuses_what_is_missing_or_double);
        tcase_add_test(tests, refuses_values_out_of_bounds);
        tcase_add_test(tests, bounds_their_number);
        tcase_add_test(tests, gives_names_alone);
        tcase_add_test(tests, takes_specs);
        suite_add_tcase(suite, tests);
        srunner_run_all(runner, CK_NORMAL);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
