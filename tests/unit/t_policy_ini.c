#include "pam_diag/policy/ini.h"

#include <string.h>

#include "tests/unit/t_policy_fixture.h"

/* Everything that the reader hands out, as text. */
static int on_section(void *context, const struct ini_item *item)
{
        struct buf *log = context;

        buf_printf(log, "%u:%u[", item->line, item->column);
        for (size_t i = 0; item->words[i] != NULL; i++)
                buf_printf(log, "%s%s", i > 0 ? "," : "", item->words[i]);
        buf_put_text(log, "]\n");
        return 0;
}

static int on_item(void *context, const struct ini_item *item)
{
        buf_printf(context, "%u:%u:%u %s=<%s>\n", item->line, item->column, item->value_column, item->key, item->value);
        return 0;
}

static void parse(const char *text, size_t length, struct buf *log, struct policy_errors *errors)
{
        const struct ini_handler handler = { .section = on_section, .item = on_item, .context = log };

        ck_assert_int_eq(ini_parse("f", text, length, &handler, errors), 0);
}

static void good(const char *text, const char *expected)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        cleanup_buf struct buf log = BUF_INIT(1 << 20);

        parse(text, strlen(text), &log, &errors);
        ck_assert_msg(errors.count == 0, "%s", errors.text.data);
        ck_assert_str_eq(log.data == NULL ? "" : log.data, expected);
}

static void bad(const char *text, size_t length, const char *expected)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        cleanup_buf struct buf log = BUF_INIT(1 << 20);

        parse(text, length, &log, &errors);
        ck_assert_uint_eq(errors.count, 1);
        ck_assert_msg(strstr(errors.text.data, expected) == errors.text.data, "%s", errors.text.data);
}
#define BAD(text, expected) bad(text, sizeof(text) - 1, expected)

START_TEST(reads)
{
        good("", "");
        good("# a\n  ; b\n\n\t\n", "");
        good("[session]\na = b", "1:1[session]\n2:1:5 a=<b>\n");
        good(" [ command  systemctl\tstatus|st ] \n  key-1=v  \n",
             "1:2[command,systemctl,status|st]\n2:3:9 key-1=<v>\n");
}
END_TEST

START_TEST(keeps_every_byte_of_a_value)
{
        good("[s]\nk = a ; b # c\n", "1:1[s]\n2:1:5 k=<a ; b # c>\n");
        good("[s]\nk = a \"b\" [c] = d\n", "1:1[s]\n2:1:5 k=<a \"b\" [c] = d>\n");
        good("[s]\nk =\n", "1:1[s]\n2:1:4 k=<>\n");
        good("[s]\nk = \"  a \\\" \\\\ # \"\n", "1:1[s]\n2:1:5 k=<  a \" \\ # >\n");
        good("[s]\nk = \xc3\xa9\n", "1:1[s]\n2:1:5 k=<\xc3\xa9>\n");
}
END_TEST

START_TEST(cuts_nothing)
{
        char text[3000] = "[key ";
        char expected[3100];

        /* Longer than what common readers cut silently: names of 50 bytes, lines of 200. */
        memset(text + 5, 'x', 200);
        strcpy(text + 205, "]\nk = ");
        memset(text + 211, 'y', 2000);
        text[2211] = '\0';
        ck_assert_int_lt(
                snprintf(expected, sizeof(expected), "1:1[key,%.200s]\n2:1:5 k=<%.2000s>\n", text + 5, text + 211),
                (int)sizeof(expected));
        good(text, expected);
}
END_TEST

START_TEST(refuses)
{
        BAD("k = v\n", "f:1:1: a key before");
        BAD("[s]\nnonsense\n", "f:2:1: expected");
        BAD("[s]\nKey = v\n", "f:2:1: expected");
        BAD("[s]\n = v\n", "f:2:2: expected");
        BAD("[s]\nk v\n", "f:2:3: expected");
        BAD("[s] x\n", "f:1:5: a section's heading");
        BAD("[s\n", "f:1:2: a section's heading");
        BAD("[]\n", "f:1:1: a section's heading has");
        BAD("[a [b]\n", "f:1:1: brackets");
        BAD("[a b c d e f g h i]\n", "f:1:1: a section's heading has");
        BAD("[s]\nk = \"a\n", "f:2:5: the quoted value does not end");
        BAD("[s]\nk = \"a\" b\n", "f:2:8: nothing may follow");
        BAD("[s]\nk = \"a\\n\"\n", "f:2:7: in a quoted value");
        BAD("[s]\nk = \"a\\\n", "f:2:7: in a quoted value");
}
END_TEST

START_TEST(refuses_bytes)
{
        BAD("[s]\nk = a\0b\n", "f:2:6: control character 0x00");
        BAD("[s]\r\n", "f:1:4: control character 0x0d");
        BAD("[s]\nk = \x1b[2J\n", "f:2:5: control character 0x1b");
        BAD("[s]\nk = \xff\n", "f:2:5: byte 0xff");
        BAD("# \xc0\x80\n", "f:1:3: byte 0xc0");
        BAD("\xef\xbb\xbf[s]\n", "f:1:1: expected");
}
END_TEST

START_TEST(reports_all_and_skips_items_of_a_bad_section)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        cleanup_buf struct buf log = BUF_INIT(4096);
        const char *text = "x\n[bad\nk = v\n?\n[good]\nk = v\n\x01\n";

        parse(text, strlen(text), &log, &errors);
        ck_assert_uint_eq(errors.count, 4);
        ck_assert_str_eq(log.data, "5:1[good]\n6:1:5 k=<v>\n");
}
END_TEST

START_TEST(limits_are_errors)
{
        cleanup_free char *text = malloc(INI_FILE_MOST + 1);

        ck_assert_ptr_nonnull(text);
        memset(text, '#', INI_FILE_MOST + 1);
        bad(text, INI_LINE_MOST + 1, "f:1:1: the line is longer");
        bad(text, INI_FILE_MOST + 1, "f: the file is larger");
        text[INI_LINE_MOST] = '\0';
        good(text, "");
}
END_TEST

START_TEST(walks_words_with_their_columns)
{
        const struct ini_item item = { .value = " one  two\tthree ", .value_column = 10 };
        struct ini_span span;
        const char *at = NULL;

        ck_assert(ini_next_word(&item, &at, &span));
        ck_assert_uint_eq(span.column, 11);
        ck_assert(ini_next_word(&item, &at, &span));
        ck_assert_uint_eq(span.column, 16);
        ck_assert(ini_next_word(&item, &at, &span));
        ck_assert_uint_eq(span.length, 5);
        ck_assert(!ini_next_word(&item, &at, &span));
        ck_assert(!ini_next_word(&item, &at, &span));
}
END_TEST

FIXTURE_MAIN("ini", reads, keeps_every_byte_of_a_value, cuts_nothing, refuses, refuses_bytes,
             reports_all_and_skips_items_of_a_bad_section, limits_are_errors, walks_words_with_their_columns)
