/* shipper/text.c: the exact bytes of strings and times. */
#include "shipper/text.h"

#include "tests/unit/t_help.h"

START_TEST(quoting_changes_nothing_but_the_spelling)
{
        static const char text[] = "a\"\\\n\x01\x7f\xc3\xa9\xf4\x8f\xb8\x80";

        cleanup_buf struct buf quoted = BUF_INIT(1 << 16);

        text_put_quoted(&quoted, text, sizeof(text) - 1);
        ck_assert_str_eq(quoted.data, "\"a\\\"\\\\\\u000a\\u0001\x7f\xc3\xa9\xf4\x8f\xb8\x80\"");
}
END_TEST

/* What RFC 8259 asks for, one byte after the other. */
static void must_be_quoted(const char *text, size_t length)
{
        cleanup_buf struct buf wanted = BUF_INIT(1 << 16);
        cleanup_buf struct buf quoted = BUF_INIT(1 << 16);

        buf_put_char(&wanted, '"');
        for (size_t i = 0; i < length; i++)
                if ((unsigned char)text[i] < 0x20)
                        buf_printf(&wanted, "\\u%04x", (unsigned char)text[i]);
                else if (text[i] == '"' || text[i] == '\\')
                        buf_printf(&wanted, "\\%c", text[i]);
                else
                        buf_put_char(&wanted, text[i]);
        buf_put_char(&wanted, '"');
        text_put_quoted(&quoted, text, length);
        ck_assert_int_eq(quoted.error, 0);
        ck_assert_uint_eq(quoted.length, wanted.length);
        ck_assert_mem_eq(quoted.data, wanted.data, wanted.length + 1);
}

/* Eight bytes are looked at at once: each byte in each place, beside each other one that may mislead its neighbour. */
START_TEST(quoting_is_right_in_every_place)
{
        static const char special[] = "\0\x01\x1f !\"#[\\]\x7f\x80\xa2\xdc\xff";
        char text[24];

        for (size_t length = 1; length <= sizeof(text); length++)
                for (size_t at = 0; at < length; at++)
                        for (int c = 0; c < 256; c++) {
                                memset(text, special[(at + length) % (sizeof(special) - 1)], sizeof(text));
                                text[at] = (char)c;
                                must_be_quoted(text, length);
                        }
}
END_TEST

START_TEST(quoting_is_right_at_every_length)
{
        static const char letters[] = "\"\\a\n\xc3\xa9{}:,";
        char text[1100];
        uint64_t random = 88172645463325252;

        for (size_t i = 0; i < sizeof(text); i++) {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17; /* xorshift64 (Marsaglia 2003) */
                text[i] = letters[random % (sizeof(letters) - 1)];
        }
        for (size_t length = 0; length <= sizeof(text); length++)
                must_be_quoted(text, length);
        memset(text, '"', sizeof(text));
        for (size_t length = 0; length <= sizeof(text); length++)
                must_be_quoted(text, length);
}
END_TEST

START_TEST(times_are_exact)
{
        cleanup_buf struct buf text = BUF_INIT(1 << 16);

        text_put_time(&text, 1);
        text_put_time(&text, 951782399999999);
        ck_assert_str_eq(text.data, "1970-01-01T00:00:00.000001Z2000-02-28T23:59:59.999999Z");
}
END_TEST

TEST_MAIN("shipper/text", NULL, NULL, quoting_changes_nothing_but_the_spelling, quoting_is_right_in_every_place,
          quoting_is_right_at_every_length, times_are_exact)
