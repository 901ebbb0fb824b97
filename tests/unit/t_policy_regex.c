#include "pam_diag/policy/regex.h"

#include <regex.h>

#include "tests/unit/t_policy_fixture.h"

static void matches(const char *text, const char *value, bool expected)
{
        cleanup_buf struct buf wrong = BUF_INIT(1024);
        struct regex *regex = NULL;

        ck_assert_msg(regex_new(text, &regex, &wrong) == 0, "%s: %s", text, wrong.data);
        ck_assert_msg(regex_matches(regex, value) == expected, "%s: %s", text, value);
        ck_assert(regex_matches(regex, value) == expected);
        regex_free(regex);
}

START_TEST(the_whole_value_matches)
{
        matches("a|bc", "a", true);
        matches("a|bc", "bc", true);
        matches("a|bc", "abc", false);
        matches("a|bc", "a\n", false);
        matches("[^]a-c-]+x{2,3}", "]xx", false);
        matches("[^]a-c-]+x{2,3}", "dxxx", true);
        matches("[]a]{2}", "]a", true);
        matches("[[:digit:]_.]*", "1_.", true);
        matches("(a(b|c)?){1,2}", "abac", true);
        matches("\\.\\*\\\\\\$", ".*\\$", true);
        matches("a.{0,2}", "a\xff\xfe", true);
        matches("x{0}y", "y", true);
        matches("a-b]}", "a-b]}", true);
}
END_TEST

START_TEST(what_is_wrong_and_where)
{
        static const struct {
                const char *text;
                const char *wrong;
        } bad[] = {
                { "", "character 1: an empty" },
                { "a|", "character 3: an empty" },
                { "a||b", "character 3: an empty" },
                { "()", "character 2: an empty" },
                { "(a", "character 3: ( without" },
                { "a)", "character 2: ) without" },
                { "[a", "character 3: [ without" },
                { "[]", "character 3: [ without" },
                { "a++", "character 3: a repetition" },
                { "*a", "character 1: a repetition" },
                { "a{2}{3}", "character 5: a repetition" },
                { "a{", "character 3: { needs" },
                { "a{,2}", "character 3: { needs" },
                { "a{3,2}", "{ } holds no interval" },
                { "a{2", "{ } holds no interval" },
                { "a{4097}", "more than 4096" },
                { "((a{200}){200}){2}", "too many repetitions" },
                { "^a", "character 1: the whole value" },
                { "a$", "character 2: the whole value" },
                { "\\w", "character 1: only signs" },
                { "(a)\\1", "character 4: only signs" },
                { "a\\", "character 2: only signs" },
                { "[b-a]", "a range" },
                { "[a-[:digit:]]", "a range" },
                { "[[:nothing:]]", "unknown class" },
                { "[[.a.]]", "unknown class" },
                { "((((((((((((((((((a))))))))))))))))))", "too many groups" },
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                cleanup_buf struct buf wrong = BUF_INIT(1024);
                struct regex *regex = NULL;

                ck_assert_msg(regex_new(bad[i].text, &regex, &wrong) == -EINVAL, "%s", bad[i].text);
                ck_assert_msg(strstr(wrong.data, bad[i].wrong) != NULL, "%s: %s", bad[i].text, wrong.data);
                ck_assert_ptr_null(regex);
        }
}
END_TEST

/* Every text of up to five of these signs: what is taken compiles. */
START_TEST(what_is_taken_compiles)
{
        static const char signs[] = "a|()[]{},*+?^-.\\$1:";
        enum { SIGNS = sizeof(signs) - 1, LENGTH = 5 };
        size_t taken = 0;
        size_t all = 1;

        for (int i = 0; i < LENGTH - 1; i++)
                all *= SIGNS;
        for (size_t n = 0; n < all; n++) {
                char text[LENGTH + 1] = "";
                cleanup_buf struct buf wrong = BUF_INIT(1024);
                struct regex *regex = NULL;
                regex_t compiled;
                size_t rest = n;

                for (size_t i = 0; i < LENGTH - 1; i++, rest /= SIGNS)
                        text[i] = signs[rest % SIGNS];
                text[LENGTH - 1] = 'a';
                if (regex_new(text, &regex, &wrong) == 0) {
                        ck_assert_msg(regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB) == 0, "%s", text);
                        regfree(&compiled);
                        taken++;
                }
                regex_free(regex);
        }
        ck_assert_uint_gt(taken, 1000);
}
END_TEST

FIXTURE_MAIN("regex", the_whole_value_matches, what_is_wrong_and_where, what_is_taken_compiles)
