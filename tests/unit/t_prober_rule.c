/* prober/rule.c: what is put behind a policy is a policy, and no more than two commands for one key that nobody has. */
#include "tests/unit/t_policy_fixture.h"

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/resolve.h"
#include "pam_diag/prober/rule.h"
#include "pam_diag/supervisor/authinfo.h"

#define OWN                                                                                                \
        "[session]\nunknown-key = refuse\n[paths]\nallow = /etc\n[command true]\nsummary = Succeed\n[key " \
        "a]\nfingerprint = SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n# no line break at the end"

static struct policy *with_rules(void)
{
        cleanup_buf struct buf text = BUF_INIT(65536);

        buf_put_text(&text, OWN);
        rule_put(&text, "/usr/bin/false");
        ck_assert_int_eq(text.error, 0);
        return fixture_policy(text.data);
}

static enum verdict judge(const struct policy *policy, const char *fingerprint, const char *line)
{
        const struct policy_login login = { .fingerprint = fingerprint, .time_s = 0 };
        struct decision *decision = NULL;
        enum verdict verdict;

        ck_assert_int_eq(policy_decide(policy, &login, line, strlen(line), &path_resolver_live, &decision), 0);
        verdict = decision->verdict;
        decision_free(decision);
        return verdict;
}

START_TEST(the_key_has_these_two_commands_alone)
{
        struct policy *policy = with_rules();

        ck_assert_int_eq(judge(policy, RULE_FINGERPRINT, RULE_PLAIN), VERDICT_ALLOW);
        ck_assert_int_eq(judge(policy, RULE_FINGERPRINT, RULE_PLAIN "; " RULE_GRANTED " 0001f"), VERDICT_ALLOW);
        ck_assert_int_eq(judge(policy, RULE_FINGERPRINT, RULE_PLAIN " x"), VERDICT_DENY);
        ck_assert_int_eq(judge(policy, RULE_FINGERPRINT, RULE_GRANTED), VERDICT_DENY);
        ck_assert_int_eq(judge(policy, RULE_FINGERPRINT, "true"), VERDICT_DENY);
        ck_assert_int_eq(judge(policy, NULL, RULE_PLAIN), VERDICT_DENY);
        policy_free(policy);
}
END_TEST

START_TEST(only_the_second_has_a_grant)
{
        struct policy *policy = with_rules();
        const struct policy_login login = { .fingerprint = RULE_FINGERPRINT };
        static const char line[] = RULE_PLAIN "; " RULE_GRANTED " 0001f";
        struct decision *decision = NULL;

        ck_assert_int_eq(policy_decide(policy, &login, line, sizeof(line) - 1, &path_resolver_live, &decision), 0);
        ck_assert_uint_eq(decision->stage_count, 2);
        ck_assert_uint_eq(decision->stages[0].network, 0);
        ck_assert_uint_eq(decision->stages[1].network, NETWORK_UNIX | NETWORK_LOOPBACK);
        ck_assert_ptr_null(decision->stages[0].helpers);
        decision_free(decision);
        policy_free(policy);
}
END_TEST

/* What the supervisor makes of the session's authentication is the key of the section. */
START_TEST(the_key_is_the_one_that_logs_in)
{
        cleanup_authinfo struct authinfo info = { 0 };

        ck_assert_int_eq(authinfo_parse(RULE_AUTH_INFO "\n", &info), 0);
        ck_assert_str_eq(info.fingerprint, RULE_FINGERPRINT);
        ck_assert_str_eq(info.key_type, "diag-probe");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("prober_rule");
        TCase *tcase = tcase_create("rule");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_checked_fixture(tcase, fixture_begin, fixture_end);
        tcase_add_test(tcase, the_key_has_these_two_commands_alone);
        tcase_add_test(tcase, only_the_second_has_a_grant);
        tcase_add_test(tcase, the_key_is_the_one_that_logs_in);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
