/* sql/recread.c: what records may be made of, and what is refused. */
#include "sql/recread.h"

#include "tests/unit/sql_help.h"

static bool reads(const char *text)
{
        struct recread read = recread_of(text, strlen(text));
        struct recread_value value;

        return recread_value(&read, &value) && recread_at_end(&read);
}

START_TEST(values_that_records_have)
{
        static const char *const good[] = { "\"\"",
                                            "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\uFFFF\"",
                                            "\"\xc3\xa9\xff\"",
                                            "0",
                                            "-1",
                                            "9223372036854775807",
                                            "99999999999999999999",
                                            "true",
                                            "false",
                                            "null",
                                            "{}",
                                            "[]",
                                            "[[],{},[1,\"\",{\"a\":null}]]",
                                            "{\"a\":{\"b\":[]},\"c\":-5}" };

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                ck_assert_msg(reads(good[i]), "%s", good[i]);
}
END_TEST

START_TEST(values_that_they_have_not)
{
        static const char *const wrong[] = {
                "",           " 1",          "1 ",          "\"",           "\"\\\"",      "\"\\x\"", "\"\\u12\"",
                "\"\\u000\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u00zz\"", "\"\n\"",  "\"\x1f\"",
                "01",         "-",           "1.5",         "1e3",          "+1",          "tru",     "nul",
                "x",          "{",           "[",           "{,}",          "[,]",         "[1,]",    "[1 ,2]",
                "[1,2",       "[1 2]",       "{\"a\"}",     "{\"a\":}",     "{\"a\":1,}",  "{a:1}",   "{1:1}",
                "{\"a\" :1}", "{\"a\":1]",   "[1}",         "\"a\"\"b\"",   "[]]",         "nullx",   "{\"a\":1 }"
        };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(!reads(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(depth_has_a_bound)
{
        char text[2 * RECREAD_DEPTH_MOST + 4];
        size_t depth = RECREAD_DEPTH_MOST;

        for (int more = 0; more < 2; more++, depth++) {
                memset(text, '[', depth);
                memset(text + depth, ']', depth);
                text[2 * depth] = '\0';
                ck_assert_int_eq(reads(text), more == 0);
        }
}
END_TEST

START_TEST(every_cut_is_refused)
{
        static const char text[] = "{\"a\":[1,\"x\\u00e9\",null,true],\"b\":{\"c\":-7}}";

        for (size_t length = 0; length < sizeof(text) - 1; length++) {
                struct recread read = recread_of(text, length);
                struct recread_value value;

                ck_assert(!recread_value(&read, &value) && read.wrong);
                ck_assert(!recread_value(&read, &value));
        }
}
END_TEST

START_TEST(texts_mean_what_was_written)
{
        static const char written[] = "\"a\\\"b\\\\c\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u2028\xc3\xa9z\"";
        static const char meant[] = "a\"b\\c/\b\f\n\r\tA\xc3\xa9\xe2\x80\xa8\xc3\xa9z";
        struct recread read = recread_of(written, sizeof(written) - 1);
        struct recread_value value = { 0 };
        char text[sizeof(written)];

        ck_assert(recread_value(&read, &value));
        ck_assert(value.kind == '"' && !value.plain);
        ck_assert_uint_eq(recread_text(&value, text), sizeof(meant) - 1);
        ck_assert_mem_eq(text, meant, sizeof(meant) - 1);
}
END_TEST

static void must_be(const char *text, bool good, int64_t expected)
{
        struct recread read = recread_of(text, strlen(text));
        struct recread_value value = { 0 };
        int64_t number = 4711;

        ck_assert(recread_value(&read, &value));
        ck_assert_msg(recread_integer(&value, &number) == good, "%s", text);
        ck_assert_int_eq(number, good ? expected : 4711);
}

START_TEST(integers_have_64_bits)
{
        must_be("0", true, 0);
        must_be("-1", true, -1);
        must_be("9223372036854775807", true, INT64_MAX);
        must_be("-9223372036854775808", true, INT64_MIN);
        must_be("9223372036854775808", false, 0);
        must_be("-9223372036854775809", false, 0);
        must_be("\"1\"", false, 0);
        must_be("null", false, 0);
}
END_TEST

START_TEST(the_beginning)
{
        static const char good[] = "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"" SESSION "\"}";
        static const char *const wrong[] = {
                "{\"v\":2,\"kind\":\"exec\",\"time\":5,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"\",\"time\":5,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"e\\\"x\",\"time\":5,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"abcdefghijklmnopqrstuvwxyzabcdef\",\"time\":5,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":\"5\",\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"exec\",\"session\":\"" SESSION "\",\"time\":5}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"0123456789abcdef0123456789abcdeF\"}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"" SESSION "0\"}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"\"}",
        };
        struct recread_beginning beginning;
        struct recread read = recread_of(good, sizeof(good) - 1);
        struct recread_value key;
        bool first = false;

        ck_assert(recread_begin(&read, &beginning));
        ck_assert_str_eq(beginning.kind, "exec");
        ck_assert_str_eq(beginning.session, SESSION);
        ck_assert_int_eq(beginning.time_us, 5);
        ck_assert(!recread_key(&read, &first, &key) && recread_at_end(&read));
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                read = recread_of(wrong[i], strlen(wrong[i]));
                ck_assert_msg(!recread_begin(&read, &beginning) && read.wrong, "%s", wrong[i]);
        }
        ck_assert_str_eq(beginning.kind, "exec");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                values_that_records_have,    values_that_they_have_not, depth_has_a_bound, every_cut_is_refused,
                texts_mean_what_was_written, integers_have_64_bits,     the_beginning
        };

        return RUN_SUITE("sql/recread", tests);
}
