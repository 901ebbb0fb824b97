/* ctl/show.c: nothing that a terminal obeys gets through, and different bytes look different. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/capture.h"
#include "pam_diag/ctl/show.h"

static void must_show(void (*put)(struct buf *, const char *, size_t), const char *bytes, size_t length,
                      const char *wanted)
{
        cleanup_buf struct buf buf = BUF_INIT(SHOW_MOST);

        put(&buf, bytes, length);
        ck_assert_str_eq(buf.data, wanted);
}

START_TEST(hostile_bytes_are_escaped)
{
        static const struct {
                const char *bytes;
                size_t length;
                const char *wanted;
        } cases[] = {
#define CASE(bytes, wanted) { bytes, sizeof(bytes) - 1, wanted }
                CASE("plain text", "plain text"),
                CASE("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"),
                CASE("\x1b[2J", "\\x1b[2J"),
                CASE("a\nb\tc\rd", "a\\nb\\tc\\rd"),
                CASE("a\\nb", "a\\\\nb"),
                CASE("a\0b", "a\\x00b"),
                CASE("\x7f", "\\x7f"),
                CASE("\xff\xfe", "\\xff\\xfe"),
                CASE("\xc3", "\\xc3"),
                CASE("\xc2\x9b", "\\u009b"),
                CASE("\xe2\x80\xae", "\\u202e"),
                CASE("\xe2\x80\x8b", "\\u200b"),
                CASE("\xf3\xa0\x81\x81", "\\U000e0041"),
                CASE("\xf4\x8f\xb8\x9b", "\\U0010fe1b"),
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                must_show(show_put, cases[i].bytes, cases[i].length, cases[i].wanted);
        must_show(show_put_quoted, "say \"a\"", 7, "\"say \\\"a\\\"\"");
        must_show(show_put_text, "\\x1b and \x1b", 10, "\\x1b and \\x1b");
}
END_TEST

/* Every byte, in every place of a short text, by a generator that always gives the same. */
START_TEST(no_text_is_unsafe)
{
        uint32_t state = 1;

        for (int round = 0; round < 20000; round++) {
                cleanup_buf struct buf buf = BUF_INIT(SHOW_MOST);
                char bytes[12];

                for (size_t i = 0; i < sizeof(bytes); i++) {
                        state = state * 1664525U + 1013904223U;
                        bytes[i] = (char)(unsigned char)(state >> 24);
                }
                show_put_quoted(&buf, bytes, sizeof(bytes));
                for (size_t i = 0; i < buf.length;) {
                        uint32_t code = 0;
                        size_t n = json_utf8_next(buf.data + i, buf.length - i, &code);

                        ck_assert_uint_gt(n, 0);
                        ck_assert(!json_is_unsafe(code));
                        i += n;
                }
        }
}
END_TEST

/* A real shell must read the word back as it was. */
START_TEST(words_can_be_pasted)
{
        static const char *const words[] = {
                "plain", "",      "two words", "it's", "$HOME `id` \"x\"",
                "a\\b",  "*.log", "~root",     "#x",   "\x1b[31m\n\xff'\\",
                "'",     "''",
        };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                cleanup_buf struct buf command = BUF_INIT(SHOW_MOST);
                cleanup_free char *got = NULL;
                char shell[] = "/bin/bash";
                char option[] = "-c";
                char *argv[] = { shell, option, NULL, NULL };
                int status = -1;

                buf_put_text(&command, "printf %s ");
                show_put_word(&command, words[i]);
                argv[2] = command.data;
                ck_assert_int_eq(capture(argv, &got, &status), 0);
                ck_assert_int_eq(status, 0);
                ck_assert_msg(strcmp(got, words[i]) == 0, "%s", command.data);
        }
}
END_TEST

START_TEST(plain_words_stay_bare)
{
        cleanup_buf struct buf buf = BUF_INIT(SHOW_MOST);

        show_put_word(&buf, "--lines=5");
        buf_put_char(&buf, ' ');
        show_put_word(&buf, "a b");
        buf_put_char(&buf, ' ');
        show_put_word(&buf, "a\nb");
        ck_assert_str_eq(buf.data, "--lines=5 'a b' $'a\\nb'");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_show");
        TCase *tcase = tcase_create("show");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, hostile_bytes_are_escaped);
        tcase_add_test(tcase, no_text_is_unsafe);
        tcase_add_test(tcase, words_can_be_pasted);
        tcase_add_test(tcase, plain_words_stay_bare);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
