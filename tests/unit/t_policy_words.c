#include "pam_diag/policy/words.h"

#include "tests/unit/t_policy_fixture.h"

static void splits(const char *line, const char *expected)
{
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };
        cleanup_buf struct buf joined = BUF_INIT(4096);

        ck_assert_msg(words_split(line, strlen(line), &words, &error) == 0, "%s: %s", line, error.reason.data);
        for (size_t i = 0; i < words.count; i++)
                buf_printf(&joined, words.list[i].op == OPERATOR_NONE ? "<%s>" : "[%s]", words.list[i].text);
        ck_assert_str_eq(joined.data == NULL ? "" : joined.data, expected);
        buf_free(&error.reason);
}

static void fails(const char *line, size_t length, unsigned position, const char *reason)
{
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };

        ck_assert_int_eq(words_split(line, length, &words, &error), -EINVAL);
        ck_assert_msg(error.position == position, "%s: %u", line, error.position);
        ck_assert_msg(strstr(error.reason.data, reason) != NULL, "%s: %s", line, error.reason.data);
        buf_free(&error.reason);
}
#define FAILS(line, position, reason) fails(line, sizeof(line) - 1, position, reason)

START_TEST(plain_words)
{
        splits("", "");
        splits(" \t ", "");
        splits("  uptime  -s ", "<uptime><-s>");
        splits("x:y z=1 %p ,", "<x:y><z=1><%p><,>");
        splits("\xd0\xb0\xff", "<\xd0\xb0\xff>");
}
END_TEST

START_TEST(quotes)
{
        splits("'p q' \"r s\"", "<p q><r s>");
        splits("'' \"\"", "<><>");
        splits("p'q'\"r\"s", "<pqrs>");
        splits("'\\$`;|'", "<\\$`;|>");
        splits("\"\\a\\\\\\\"\\$\\`\"", "<\\a\\\"$`>");
        splits("\"it's; |&<>()\"", "<it's; |&<>()>");
        splits("'one\ntwo'", "<one\ntwo>");
        splits("--opt=\"two words\"", "<--opt=two words>");
}
END_TEST

START_TEST(backslashes)
{
        splits("p\\ q \\; \\' \\\\", "<p q><;><'><\\>");
        splits("le\\\nss", "<less>");
        splits("p \\\n q", "<p><q>");
        splits("\"p\\\nq\"", "<pq>");
        FAILS("p \\", 3, "ends in a backslash");
}
END_TEST

START_TEST(comments)
{
        splits("p # q ; $(r)", "<p>");
        splits("# only", "");
        splits("p#q '#r' \\#s", "<p#q><#r><#s>");
        splits("p #\"", "<p>");
}
END_TEST

START_TEST(operators)
{
        splits("p; q", "<p>[;]<q>");
        splits("p|q", "<p>[|]<q>");
        splits("p && q||r", "<p>[&&]<q>[||]<r>");
        splits("p |& q", "<p>[|&][|&]<q>"); /* 2>&1 and the pipe */
        splits("'p';q", "<p>[;]<q>");
        splits("p ';' \\| \"&&\"", "<p><;><|><&&>");
        FAILS("p &", 3, "& at");
        FAILS("p & q", 3, "& at position 3");
        FAILS("p <q", 3, "< at");
        FAILS("p << q", 3, "< at");
        FAILS("p < q", 3, "< at");
        FAILS("(p)", 1, "( at");
        FAILS("p)", 2, ") at");
}
END_TEST

START_TEST(redirections)
{
        splits("p 2>/dev/null", "<p>[2>/dev/null]");
        splits("p 2> /dev/null q", "<p>[2> /dev/null]<q>");
        splits("p >/dev/null 2>&1", "<p>[>/dev/null][2>&1]");
        splits("p 1>>/dev/null", "<p>[1>>/dev/null]");
        splits("p &>/dev/null", "<p>[&>/dev/null][&>/dev/null]");
        splits("p a2>/dev/null", "<p><a2>[>/dev/null]");
        splits("p '2'>/dev/null", "<p><2>[>/dev/null]");
        splits("p \\2>/dev/null", "<p><2>[>/dev/null]");
        splits("p 2>/dev/null|q", "<p>[2>/dev/null][|]<q>");
        splits("p '2>&1' \"> /x\"", "<p><2>&1><> /x>");
        FAILS("p>q", 2, "> at");
        FAILS("p > /dev/nullx", 3, "> at position 3");
        FAILS("p > /dev/null/x", 3, "> at");
        FAILS("p > '/dev/null'", 3, "> at");
        FAILS("p 2>&12", 4, "> at");
        FAILS("p 2>&1x", 4, "> at");
        FAILS("p >&2", 3, "> at");
        FAILS("p 1>&2", 4, "> at");
        FAILS("p 12>/dev/nul", 5, "> at");
        FAILS("p 12>/dev/null", 5, "> at");
        FAILS("p 0>/dev/null", 4, "> at");
        FAILS("p >| /x", 3, "> at");
        FAILS("p >", 3, "> at");
        FAILS("p &> /x", 4, "> at");
}
END_TEST

START_TEST(patterns)
{
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };
        static const char line[] = "ls '/a*'/b* \"[x]\"?y \\*z* /plain {a,b}";

        ck_assert_int_eq(words_split(line, sizeof(line) - 1, &words, &error), 0);
        ck_assert_uint_eq(words.count, 6);
        ck_assert_str_eq(words.list[1].pattern, "/a\\*/b*");
        ck_assert_str_eq(words.list[1].text, "/a*/b*");
        ck_assert_str_eq(words.list[2].pattern, "\\[x\\]?y");
        ck_assert_str_eq(words.list[3].pattern, "\\*z*");
        ck_assert(!words.list[4].glob && words.list[4].pattern == NULL);
        ck_assert(words.list[5].glob && words.list[5].brace);
        buf_free(&error.reason);
}
END_TEST

START_TEST(expansions)
{
        FAILS("p $HOME", 3, "$ at position 3");
        FAILS("p \"$HOME\"", 4, "$ at position 4");
        FAILS("p ${x}", 3, "$ at");
        FAILS("$(p)", 1, "$ at");
        FAILS("p $1", 3, "$ at");
        FAILS("p $'q'", 3, "$ at");
        FAILS("`p`", 1, "` at position 1");
        FAILS("\"a `p`\"", 4, "` at position 4");
        FAILS("~/x", 1, "~ at position 1");
        FAILS("p ~root", 3, "~ at position 3");
        splits("p~ '~q' \\~r x=~", "<p~><~q><~r><x=~>");
        splits("q$ \"r$\" '$s' \"$ t\"", "<q$><r$><$s><$ t>");
}
END_TEST

START_TEST(lines)
{
        splits("\n p \n\n", "<p>");
        splits("p\n# note\n", "<p>");
        FAILS("p\nq", 2, "line break at position 2");
        FAILS("p # note\nq", 9, "line break");
}
END_TEST

START_TEST(malformed)
{
        FAILS("p 'q", 3, "single quote at position 3");
        FAILS("p \"q", 3, "double quote at position 3");
        FAILS("\"\\\"", 1, "double quote at position 1");
        FAILS("p\0q", 2, "NUL byte at position 2");
}
END_TEST

START_TEST(marks)
{
        static const char line[] = "A=1 'B'=2 c=3 p* 'q*' \\*r [s t? {u,v} 9=1 =x";
        static const bool globs[] = { false, false, false, true, false, false, true, true, true, false, false };
        static const bool assignments[] = { true, false, true, false, false, false, false, false, false, false, false };
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };

        ck_assert_int_eq(words_split(line, sizeof(line) - 1, &words, &error), 0);
        ck_assert_uint_eq(words.count, sizeof(globs) / sizeof(globs[0]));
        for (size_t i = 0; i < words.count; i++) {
                ck_assert_msg(words.list[i].glob == globs[i], "%s", words.list[i].text);
                ck_assert_msg(words.list[i].assignment == assignments[i], "%s", words.list[i].text);
        }
        ck_assert_uint_eq(words.list[1].position, 5);
}
END_TEST

START_TEST(limits)
{
        cleanup_free char *line = malloc(DECIDE_LINE_MOST + 1);
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };

        ck_assert_ptr_nonnull(line);
        memset(line, 'a', DECIDE_LINE_MOST + 1);
        fails(line, DECIDE_LINE_MOST + 1, DECIDE_LINE_MOST + 1, "longer than");
        ck_assert_int_eq(words_split(line, DECIDE_LINE_MOST, &words, &error), 0);
        ck_assert_uint_eq(strlen(words.list[0].text), DECIDE_LINE_MOST);
        for (size_t i = 1; i < DECIDE_LINE_MOST; i += 2)
                line[i] = ' ';
        fails(line, 2 * DECIDE_WORDS_MOST + 1, 2 * DECIDE_WORDS_MOST + 1, "more than 1024 words");
}
END_TEST

FIXTURE_MAIN("words", plain_words, quotes, backslashes, comments, operators, redirections, patterns, expansions, lines,
             malformed, marks, limits)
