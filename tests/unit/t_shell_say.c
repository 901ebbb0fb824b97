/* shell/say.c */
#include "tests/unit/t_help.h"

#include "pam_diag/shell/say.h"

struct saying {
        const char *text;
        int to;
};

static int say_it(void *context)
{
        const struct saying *saying = context;

        if (dup2(saying->to, STDERR_FILENO) < 0)
                return 1;
        say("%s", saying->text);
        return 0;
}

/* What comes out of stderr. */
static char *said(const char *text)
{
        struct saying saying = { .text = text };
        char *output = NULL;
        size_t length = 0;
        FILE *file = tmpfile();

        ck_assert_ptr_nonnull(file);
        saying.to = fileno(file);
        ck_assert_int_eq(in_child(say_it, &saying), 0);
        ck_assert_int_eq(lseek(saying.to, 0, SEEK_SET), 0);
        ck_assert_int_eq(fd_read_all(saying.to, 1024 * 1024, &output, &length), 0);
        (void)fclose(file);
        ck_assert_uint_eq(strlen(output), length);
        return output;
}

static void must_say(const char *text, const char *expected)
{
        cleanup_free char *output = said(text);
        char whole[512];

        (void)snprintf(whole, sizeof(whole), "diag-shell: %s\n", expected);
        ck_assert_str_eq(output, whole);
}

START_TEST(plain_text_stays)
{
        must_say("refused: \"x\" at 7 % \\", "refused: \"x\" at 7 % \\");
        must_say("", "");
        must_say("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
                 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
}
END_TEST

/* One line, whatever stands in the command line; no escape reaches the terminal. */
START_TEST(controls_are_shown)
{
        must_say("\x1b[2J\x07\x08\r\n\t\x7f", "\\x1b[2J\\x07\\x08\\x0d\\x0a\\x09\\x7f");
        must_say("a\nrefused: forged", "a\\x0arefused: forged");
        /* C1 controls in UTF-8, line separator, right-to-left override: every byte of theirs. */
        must_say("\xc2\x9b"
                 "31m",
                 "\\xc2\\x9b31m");
        must_say("\xe2\x80\xa8", "\\xe2\\x80\\xa8");
        must_say("\xe2\x80\xae", "\\xe2\\x80\\xae");
}
END_TEST

START_TEST(invalid_utf8_is_shown)
{
        must_say("\xff\xfe", "\\xff\\xfe");
        must_say("\x9b"
                 "31m",
                 "\\x9b31m");
        must_say("\xc3", "\\xc3");
        must_say("\xc3(", "\\xc3(");
        must_say("\xc0\xaf", "\\xc0\\xaf");
        must_say("\xed\xa0\x80", "\\xed\\xa0\\x80");
        must_say("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
        must_say("\xe2\x82", "\\xe2\\x82");
}
END_TEST

/* Every byte alone: printable ASCII stays, all else is shown. */
START_TEST(every_byte_is_safe)
{
        for (int i = 1; i < 256; i++) {
                const char text[2] = { (char)i, '\0' };
                char expected[8];

                (void)snprintf(expected, sizeof(expected), i >= 32 && i < 127 ? "%c" : "\\x%02x", i);
                must_say(text, expected);
        }
}
END_TEST

START_TEST(long_texts_come_whole)
{
        size_t length = 64 * 1024;
        char *text = malloc(length + 1);
        cleanup_free char *output = NULL;

        memset(text, '\x01', length);
        text[length] = '\0';
        output = said(text);
        ck_assert_uint_eq(strlen(output), strlen("diag-shell: \n") + 4 * length);
        free(text);
}
END_TEST

TEST_MAIN("shell/say", NULL, NULL, plain_text_stays, controls_are_shown, invalid_utf8_is_shown, every_byte_is_safe,
          long_texts_come_whole)
