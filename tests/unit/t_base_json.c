#include "pam_diag/base/json.h"

#include "tests/unit/t_policy_fixture.h"

static void puts_bytes(const char *bytes, size_t length, const char *expected)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);

        json_put_bytes(&buf, bytes, length);
        ck_assert_int_eq(buf.error, 0);
        ck_assert_str_eq(buf.data, expected);
}
#define PUTS(bytes, expected) puts_bytes(bytes, sizeof(bytes) - 1, expected)

START_TEST(plain_text_stays)
{
        PUTS("", "\"\"");
        PUTS("abc /~", "\"abc /~\"");
        PUTS("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
        PUTS("\"\\", "\"\\\"\\\\\"");
}
END_TEST

START_TEST(what_a_terminal_obeys_is_escaped)
{
        PUTS("\n\t\x1b\x7f", "\"\\u000a\\u0009\\u001b\\u007f\"");
        PUTS("\xc2\x9b", "\"\\u009b\"");
        PUTS("\xe2\x80\xae\xe2\x80\xa8", "\"\\u202e\\u2028\"");
        PUTS("\xe2\x81\xa6", "\"\\u2066\"");
        PUTS("\xef\xbb\xbf", "\"\\ufeff\"");
}
END_TEST

START_TEST(other_bytes_become_private_characters)
{
        /* U+10FE00 is F4 8F B8 80. */
        PUTS("\0", "\"\xf4\x8f\xb8\x80\"");
        PUTS("\xff", "\"\xf4\x8f\xbb\xbf\"");
        PUTS("\xc0\x80", "\"\xf4\x8f\xbb\x80\xf4\x8f\xba\x80\"");
        PUTS("\xed\xa0\x80", "\"\xf4\x8f\xbb\xad\xf4\x8f\xba\xa0\xf4\x8f\xba\x80\"");
        PUTS("\xe2\x82", "\"\xf4\x8f\xbb\xa2\xf4\x8f\xba\x82\"");
}
END_TEST

START_TEST(every_byte_string_comes_back)
{
        unsigned state = 1;

        for (unsigned round = 0; round < 2000; round++) {
                static const char pieces[] = "a\xf4\x8f\xbb\xbf\x80\xc3\xa9\xe2\x82\xac\xf0\x9f";
                char bytes[24];
                cleanup_buf struct buf buf = BUF_INIT(4096);
                size_t length;

                for (size_t i = 0; i < sizeof(bytes); i++) {
                        state = state * 1103515245 + 12345;
                        /* No quotes, backslashes and controls: those the JSON reader undoes. */
                        bytes[i] = pieces[(state >> 16) % (sizeof(pieces) - 1)];
                }
                json_put_bytes(&buf, bytes, sizeof(bytes));
                if (strchr(buf.data, '\\') != NULL)
                        continue;
                for (size_t i = 0; i < buf.length;) {
                        uint32_t code = 0;
                        size_t n = json_utf8_next(buf.data + i, buf.length - i, &code);

                        ck_assert_uint_gt(n, 0);
                        i += n;
                }
                length = json_restore_bytes(buf.data + 1, buf.length - 2);
                ck_assert_uint_eq(length, sizeof(bytes));
                ck_assert_int_eq(memcmp(buf.data + 1, bytes, sizeof(bytes)), 0);
        }
}
END_TEST

START_TEST(objects)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        char a[] = "a";
        char b[] = "b\"";
        char *const strings[] = { a, b, NULL };

        buf_put_char(&buf, '{');
        json_member_text(&buf, "t", "x");
        json_member_text(&buf, "n", NULL);
        json_member_i64(&buf, "i", INT64_MIN);
        json_member_bool(&buf, "y", 2);
        json_member_bool(&buf, "f", 0);
        json_member_strv(&buf, "v", strings);
        json_member_strv(&buf, "e", NULL);
        buf_put_char(&buf, '}');
        ck_assert_str_eq(buf.data, "{\"t\":\"x\",\"n\":null,\"i\":-9223372036854775808,\"y\":true,\"f\":false,\"v\":["
                                   "\"a\",\"b\\\"\"],\"e\":[]}");
}
END_TEST

static void decodes(const char *bytes, size_t expected_length, uint32_t expected)
{
        uint32_t code = 0;

        ck_assert_uint_eq(json_utf8_next(bytes, strlen(bytes), &code), expected_length);
        ck_assert_uint_eq(code, expected_length == 0 ? 0 : expected);
}

START_TEST(utf8)
{
        decodes("a", 1, 'a');
        decodes("\xc2\x80", 2, 0x80);
        decodes("\xe0\xa0\x80", 3, 0x800);
        decodes("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
        decodes("\x80", 0, 0);
        decodes("\xc1\xbf", 0, 0);
        decodes("\xc2", 0, 0);
        decodes("\xc2x", 0, 0);
        decodes("\xe0\x9f\xbf", 0, 0);
        decodes("\xed\xbf\xbf", 0, 0);
        decodes("\xf0\x8f\xbf\xbf", 0, 0);
        decodes("\xf4\x90\x80\x80", 0, 0);
        decodes("\xf5\x80\x80\x80", 0, 0);
}
END_TEST

FIXTURE_MAIN("json", plain_text_stays, what_a_terminal_obeys_is_escaped, other_bytes_become_private_characters,
             every_byte_string_comes_back, objects, utf8)
