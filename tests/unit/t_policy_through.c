#include "pam_diag/policy/through.h"

#include "pam_diag/policy/resolve.h"
#include "tests/unit/t_policy_fixture.h"

#define READER "[command reader]\nprogram = /bin/true\nflag = -q\nflag = -c\nprepend = -c\noperand = 0..3 : path read\n"
#define SEARCH                                                                                        \
        "[command search]\nprogram = /bin/true\nthrough = reader -q\nflag = -i\noption = -e : text\n" \
        "operand = 1 unless -e : text\noperand = 0..9 : path read\n"
#define TREES "[paths]\nallow = /usr/share\n"
#define FILE_A "/usr/share/common-licenses"

static struct decision *judge(const struct policy *policy, const char *line)
{
        struct decision *decision = NULL;

        ck_assert_int_eq(policy_decide(policy, NULL, line, strlen(line), &path_resolver_live, &decision), 0);
        return decision;
}

static void must_run(const struct stage *stage, const char *rule, enum stage_link link, const char *argv)
{
        struct buf text = BUF_INIT(4096);

        for (size_t i = 0; stage->argv[i] != NULL; i++)
                buf_printf(&text, "%s%s", i > 0 ? "|" : "", stage->argv[i]);
        ck_assert_str_eq(text.data, argv);
        ck_assert_str_eq(stage->rule, rule);
        ck_assert_int_eq(stage->link, link);
        buf_free(&text);
}

START_TEST(files_are_read_by_the_other_command)
{
        struct policy *policy = fixture_policy(TREES READER SEARCH);
        struct decision *decision = judge(policy, "search -i word " FILE_A " /usr/share/doc 2>/dev/null");

        ck_assert_int_eq(decision->verdict, VERDICT_ALLOW);
        ck_assert_str_eq(decision->rule, "search");
        ck_assert_uint_eq(decision->stage_count, 2);
        must_run(&decision->stages[0], "reader", LINK_FIRST, "reader|-c|-q|" FILE_A "|/usr/share/doc");
        must_run(&decision->stages[1], "search", LINK_PIPE, "search|-i|word");
        ck_assert(decision->stages[0].made && !decision->stages[1].made);
        ck_assert_uint_eq(decision->stages[0].redirect, REDIRECT_ERR_NULL);
        decision_free(decision);
        policy_free(policy);
}
END_TEST

START_TEST(it_stands_where_its_command_stood)
{
        struct policy *policy = fixture_policy(TREES READER SEARCH);
        struct decision *decision = judge(policy, "reader " FILE_A " && search -e a " FILE_A " | search b ; reader");

        ck_assert_uint_eq(decision->stage_count, 6);
        must_run(&decision->stages[1], "reader", LINK_AND, "reader|-c|-q|" FILE_A);
        must_run(&decision->stages[2], "search", LINK_PIPE, "search|-e|a");
        must_run(&decision->stages[3], "reader", LINK_PIPE, "reader|-c|-q");
        must_run(&decision->stages[4], "search", LINK_PIPE, "search|b");
        must_run(&decision->stages[5], "reader", LINK_THEN, "reader|-c");
        decision_free(decision);
        policy_free(policy);
}
END_TEST

START_TEST(what_is_denied_has_the_stages_of_its_line)
{
        struct policy *policy = fixture_policy(TREES READER SEARCH);
        struct decision *decision = judge(policy, "search a " FILE_A " | nothing");

        ck_assert_int_eq(decision->verdict, VERDICT_DENY);
        ck_assert_uint_eq(decision->stage_count, 2);
        ck_assert_uint_eq(decision->stage, 2);
        ck_assert_str_eq(decision->stages[0].words[0], "search");
        ck_assert_ptr_null(decision->stages[0].argv);
        decision_free(decision);
        fixture_deny(policy, "search a /etc/hostname", CODE_PATH, "/etc/hostname");
        /* The other rule is asked, too. */
        fixture_deny(policy, "search a /usr/share /usr/share /usr/share /usr/share", CODE_OPERAND,
                     "reader takes at most 3");
        policy_free(policy);
}
END_TEST

START_TEST(no_more_stages_than_a_line_may_have)
{
        struct policy *policy = fixture_policy(TREES READER SEARCH);
        struct buf line = BUF_INIT(4096);
        struct decision *decision;

        for (int i = 0; i < DECIDE_STAGES_MOST / 2; i++)
                buf_printf(&line, "%ssearch a", i > 0 ? " | " : "");
        decision = judge(policy, line.data);
        ck_assert_int_eq(decision->verdict, VERDICT_ALLOW);
        ck_assert_uint_eq(decision->stage_count, DECIDE_STAGES_MOST);
        decision_free(decision);
        buf_put_text(&line, " | search a");
        fixture_deny(policy, line.data, CODE_LIMIT, "more than 16 commands");
        buf_free(&line);
        policy_free(policy);
}
END_TEST

START_TEST(errors)
{
        fixture_wrong(TREES SEARCH,
                      "[command search]: its files go through reader, which is no command of this policy");
        fixture_wrong("[command a]\nthrough = b\n[command b]\nthrough = a\n", "which does not read files itself");
        fixture_wrong("[command a]\nthrough =\n", "through has no value");
}
END_TEST

FIXTURE_MAIN_DIR("through", files_are_read_by_the_other_command, it_stands_where_its_command_stood,
                 what_is_denied_has_the_stages_of_its_line, no_more_stages_than_a_line_may_have, errors)
