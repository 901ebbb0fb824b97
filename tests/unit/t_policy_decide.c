#include "pam_diag/policy/decide.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                            \
        "[session]\nsearch-path = /usr/bin:/bin\n[paths]\nallow = /var/log\n"                             \
        "[command true]\nsummary = Nothing at all\nflag = -v\n[command gone]\nprogram = /run/none/gone\n" \
        "[command cat]\nsummary = Print\noperand = 0..3 : path read\n"

static struct policy *policy;

static void begin(void)
{
        fixture_begin();
        policy = fixture_policy(POLICY);
}

static void end(void)
{
        policy_free(policy);
        fixture_end();
}

START_TEST(allowed)
{
        struct decision *decision = fixture_decide(policy, " true  -v ");

        ck_assert_int_eq(decision->verdict, VERDICT_ALLOW);
        ck_assert_str_eq(decision->rule, "true");
        ck_assert_ptr_null(decision->reason);
        ck_assert_ptr_null(decision->hint);
        ck_assert_uint_eq(decision->word, 0);
        ck_assert_str_eq(decision->stages[0].words[0], "true");
        ck_assert_str_eq(decision->stages[0].words[1], "-v");
        ck_assert_ptr_null(decision->stages[0].words[2]);
        ck_assert_int_eq(decision->stages[0].program[0], '/');
        decision_free(decision);
}
END_TEST

START_TEST(unknown_commands)
{
        struct decision *decision;

        fixture_deny(policy, "rm -rf /", CODE_COMMAND, "rm has no rule");
        fixture_deny(policy, "True", CODE_COMMAND, "True has no rule");
        fixture_deny(policy, "truex", CODE_COMMAND, "truex has no rule");
        fixture_deny(policy, "''", CODE_COMMAND, "an empty word has no rule");
        fixture_deny(policy, "'true -v'", CODE_COMMAND, "true -v has no rule");
        fixture_deny(policy, "gone", CODE_COMMAND, "gone is not installed here");
        decision = fixture_decide(policy, "awk 1");
        ck_assert_ptr_nonnull(strstr(decision->hint, "columns"));
        ck_assert_str_eq(decision->stages[0].words[0], "awk");
        ck_assert_str_eq(decision->stages[0].words[1], "1");
        ck_assert_ptr_null(decision->rule);
        decision_free(decision);
        decision = fixture_decide(policy, "frobnicate");
        ck_assert_str_eq(decision->hint, "help lists what may run here");
        decision_free(decision);
}
END_TEST

START_TEST(names_with_a_directory)
{
        fixture_allow(policy, "/usr/bin/true", "true");
        fixture_allow(policy, "/bin/true -v", "true|-v");
        fixture_deny(policy, "/tmp/true", CODE_COMMAND, "/tmp/true has no rule");
        fixture_deny(policy, "./true", CODE_COMMAND, "./true has no rule");
        fixture_deny(policy, "../../bin/true", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/usr/bin/../bin/true", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/bin//true", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/bin/", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/bin/sh", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/lib64/ld-linux-x86-64.so.2 /bin/true", CODE_COMMAND, "has no rule");
}
END_TEST

START_TEST(the_rule_is_that_of_the_denied_command)
{
        struct decision *decision = fixture_decide(policy, "true | rm x");

        ck_assert_ptr_null(decision->rule);
        ck_assert_uint_eq(decision->stage, 2);
        decision_free(decision);
}
END_TEST

START_TEST(the_line_itself)
{
        fixture_deny(policy, "true; rm x", CODE_COMMAND, "rm has no rule (command 2)");
        fixture_deny(policy, "true & true", CODE_SYNTAX, "& at position 6");
        fixture_deny(policy, "true |", CODE_SYNTAX, "nothing stands behind | at position 6");
        fixture_deny(policy, "| true", CODE_SYNTAX, "nothing stands before | at position 1");
        fixture_deny(policy, "true && && true", CODE_SYNTAX, "nothing stands before && at position 9");
        fixture_deny(policy, "true $(x)", CODE_SYNTAX, "$ at position 6");
        fixture_deny(policy, "PATH=/tmp true", CODE_SYNTAX, "variables cannot be set here");
        fixture_deny(policy, "LD_PRELOAD=/tmp/x.so true", CODE_SYNTAX, "variables cannot be set here");
        fixture_deny(policy, "'A'=1 true", CODE_COMMAND, "A=1 has no rule");
}
END_TEST

START_TEST(words_are_kept_where_the_line_could_be_split)
{
        struct decision *decision = fixture_decide(policy, "true one two; three 2>&1 | 'f o'ur");

        ck_assert_int_eq(decision->verdict, VERDICT_DENY);
        ck_assert_uint_eq(decision->stage_count, 3);
        ck_assert_str_eq(decision->stages[1].words[0], "three");
        ck_assert_ptr_null(decision->stages[1].words[1]);
        ck_assert_uint_eq(decision->stages[1].redirect, REDIRECT_ERR_OUT);
        ck_assert_int_eq(decision->stages[1].link, LINK_THEN);
        ck_assert_int_eq(decision->stages[2].link, LINK_PIPE);
        ck_assert_str_eq(decision->stages[2].words[0], "f our");
        ck_assert_str_eq(decision->stages[0].words[1], "one");
        decision_free(decision);
        decision = fixture_decide(policy, "'");
        ck_assert_uint_eq(decision->stage_count, 0);
        decision_free(decision);
}
END_TEST

START_TEST(any_byte_gives_one_printable_line)
{
        static const char line[] = "true \x1b[2J\xff\xe2\x80\xae'\n'";
        struct decision *decision = NULL;

        ck_assert_int_eq(policy_decide(policy, NULL, line, sizeof(line) - 1, &fixture_resolver, &decision), 0);
        ck_assert_int_eq(decision->verdict, VERDICT_DENY);
        ck_assert_ptr_nonnull(strstr(decision->reason, "\\x1b[2J\\xff\\xe2\\x80\\xae\\x0a"));
        decision_free(decision);
        decision = NULL;
        ck_assert_int_eq(policy_decide(policy, NULL, "true\0x", 6, &fixture_resolver, &decision), 0);
        ck_assert_int_eq(decision->code, CODE_SYNTAX);
        ck_assert_uint_eq(decision->position, 5);
        decision_free(decision);
}
END_TEST

START_TEST(limits)
{
        cleanup_free char *line = malloc(DECIDE_LINE_MOST + 2);

        ck_assert_ptr_nonnull(line);
        memset(line, 'x', DECIDE_LINE_MOST + 1);
        line[DECIDE_LINE_MOST + 1] = '\0';
        fixture_deny(policy, line, CODE_LIMIT, "longer than 131072 bytes");
        line[DECIDE_LINE_MOST] = '\0';
        fixture_deny(policy, line, CODE_COMMAND, "has no rule");
        for (size_t i = 1; i < DECIDE_LINE_MOST; i += 2)
                line[i] = ' ';
        fixture_deny(policy, line, CODE_LIMIT, "more than 1024 words");
}
END_TEST

static void helps(const char *line, const char *expected)
{
        struct decision *decision = fixture_decide(policy, line);

        ck_assert_int_eq(decision->verdict, VERDICT_HELP);
        ck_assert_msg(strstr(decision->text, expected) != NULL, "%s", decision->text);
        ck_assert_ptr_null(decision->reason);
        decision_free(decision);
}

START_TEST(help)
{
        helps("", "Nothing at all");
        helps("  # nothing", "Nothing at all");
        helps("help", "cat            Print");
        helps("help", "Readable paths: /var/log");
        helps("help true", "  -v\n");
        helps("help gone", "is not installed here");
        fixture_deny(policy, "help rm", CODE_COMMAND, "rm has no rule");
        helps("true --help", "  -v\n");
        helps("true -v --help", "  -v\n");
        fixture_deny(policy, "true --help | true", CODE_OPTION, "--help");
        fixture_deny(policy, "rm --help", CODE_COMMAND, "rm has no rule");
        fixture_deny(policy, "help; true", CODE_PIPELINE, "help stands alone");
}
END_TEST

START_TEST(names_of_codes)
{
        ck_assert_str_eq(decide_code_name(CODE_NONE), "none");
        ck_assert_str_eq(decide_code_name(CODE_KEY), "key");
        ck_assert_str_eq(decide_code_name((enum decide_code)1000), "none");
}
END_TEST

FIXTURE_RUN("decide", begin, end, allowed, unknown_commands, names_with_a_directory, the_line_itself,
            the_rule_is_that_of_the_denied_command, words_are_kept_where_the_line_could_be_split,
            any_byte_gives_one_printable_line, limits, help, names_of_codes)
