/* ctl/shape.c: what a command's words look like. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/shape.h"

/* Words are separated by single blanks. */
static void take(const char *line, struct shape *shape)
{
        cleanup_strv char **words = NULL;
        cleanup_free char *copy = strdup(line);
        char *at = copy;

        for (char *word; (word = strsep(&at, " ")) != NULL;)
                ck_assert_int_eq(strv_append(&words, word), 0);
        ck_assert_int_eq(shape_take(words, shape), 0);
}

static void is(const char *line, const char *wanted)
{
        cleanup_shape struct shape shape = { 0 };
        cleanup_buf struct buf text = BUF_INIT(4096);

        take(line, &shape);
        shape_put(&text, &shape);
        ck_assert_msg(strcmp(text.data, wanted) == 0, "%s: %s, wanted %s", line, text.data, wanted);
}

START_TEST(options)
{
        is("lsblk", "lsblk");
        is("/usr/bin/lsblk -f", "lsblk -f");
        is("lsblk -f --json -f", "lsblk --json -f");
        is("ls -lah", "ls -a -h -l");
        is("find -maxdepth", "find -maxdepth");
        is("x --lines=5 --out=/x -n50 -o=y -d,", "x --lines=NUMBER --out=PATH -d=TEXT -n=NUMBER -o=WORD");
        is("x --lines --lines=5", "x --lines=NUMBER");
        is("x -n5 -na.service", "x -n=TEXT");
        is("tail -50", "tail -NUMBER");
        is("tail -50 -60", "tail -NUMBER");
}
END_TEST

START_TEST(operands)
{
        is("x /etc/hosts /etc", "x PATH…");
        is("x 7 /etc a.service images Foo", "x PATH NUMBER UNIT WORD TEXT");
        is("x - -- -l --lines", "x TEXT…");
        is("x +%F --$ ---x -, a=b", "x TEXT…");
        is("x 12345678901", "x TEXT");
        is("x .service a/b.service", "x TEXT…");
}
END_TEST

START_TEST(the_same_set_is_the_same_text)
{
        is("x -b -a /etc 5", "x -a -b PATH NUMBER");
        is("x 99 /var -ab", "x -a -b PATH NUMBER");
}
END_TEST

START_TEST(joined)
{
        cleanup_shape struct shape a = { 0 };
        cleanup_shape struct shape b = { 0 };
        cleanup_buf struct buf text = BUF_INIT(4096);

        take("docker ps -a --format=x", &a);
        take("docker images -q /x /y", &b);
        ck_assert_int_eq(shape_join(&a, &b), 0);
        shape_put(&text, &a);
        ck_assert_str_eq(text.data, "docker --format=WORD -a -q PATH… WORD");
        ck_assert_uint_eq(strv_length(a.words), 2);
}
END_TEST

START_TEST(it_is_bounded)
{
        cleanup_shape struct shape shape = { 0 };
        cleanup_strv char **words = NULL;
        char word[64];

        ck_assert_int_eq(strv_append(&words, "x"), 0);
        for (int i = 0; i < 500; i++) {
                snprintf(word, sizeof(word), "--option-%d", i);
                ck_assert_int_eq(strv_append(&words, word), 0);
                snprintf(word, sizeof(word), "word%c%c", 'a' + i / 26, 'a' + i % 26);
                ck_assert_int_eq(strv_append(&words, word), 0);
        }
        ck_assert_int_eq(shape_take(words, &shape), 0);
        ck_assert_uint_eq(shape.option_count, SHAPE_OPTIONS_MOST);
        ck_assert_uint_le(strv_length(shape.words), SHAPE_WORDS_MOST + 1);
        ck_assert_uint_eq(shape.operands[SHAPE_WORD] + shape.operands[SHAPE_TEXT], 500);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_shape");
        TCase *tcase = tcase_create("shape");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, options);
        tcase_add_test(tcase, operands);
        tcase_add_test(tcase, the_same_set_is_the_same_text);
        tcase_add_test(tcase, joined);
        tcase_add_test(tcase, it_is_bounded);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
