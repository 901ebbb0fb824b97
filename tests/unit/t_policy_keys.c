#include "pam_diag/policy/keys.h"

#include "tests/unit/t_policy_fixture.h"

#define FP1 "SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FP2 "SHA256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FP3 "SHA256:ccccccccccccccccccccccccccccccccccccccccccc"
#define TOOLS                                                                                                     \
        "[command tool]\nprogram = /bin/true\n[command other]\nprogram = /bin/true\n[command ctl]\nsummary = C\n" \
        "program = /bin/true\n[command ctl show]\n[command ctl status]\noperand = 0..1 : text\n"

static struct decision *ask(const struct policy *policy, const char *fingerprint, int64_t time_s, const char *line)
{
        const struct policy_login login = { .fingerprint = fingerprint, .time_s = time_s };
        struct decision *decision = NULL;

        ck_assert_int_eq(policy_decide(policy, &login, line, strlen(line), &fixture_resolver, &decision), 0);
        return decision;
}

static void allowed(const struct policy *policy, const char *fingerprint, int64_t time_s, const char *line)
{
        struct decision *decision = ask(policy, fingerprint, time_s, line);

        ck_assert_msg(decision->verdict != VERDICT_DENY, "%s: %s", line, decision->reason);
        decision_free(decision);
}

static void denied(const struct policy *policy, const char *fingerprint, int64_t time_s, const char *line,
                   const char *reason)
{
        struct decision *decision = ask(policy, fingerprint, time_s, line);

        ck_assert_msg(decision->verdict == VERDICT_DENY && decision->code == CODE_KEY, "%s: %s", line,
                      decision->reason != NULL ? decision->reason : "allowed");
        ck_assert_msg(strstr(decision->reason, reason) != NULL, "%s: %s", line, decision->reason);
        ck_assert_ptr_null(decision->stage_count > 0 ? decision->stages[0].argv : NULL);
        decision_free(decision);
}

START_TEST(a_subset_of_the_commands)
{
        struct policy *policy = fixture_policy(TOOLS "[key one]\nfingerprint = " FP1 "\ncommands = tool\n"
                                                     "command =  ctl \t show\n[key two]\nfingerprint = " FP2 "\n");
        struct decision *decision;

        allowed(policy, FP1, 0, "tool");
        allowed(policy, FP1, 0, "ctl show");
        denied(policy, FP1, 0, "ctl status", "ctl status is not among the commands of key one");
        denied(policy, FP1, 0, "other", "other is not among the commands of key one");
        denied(policy, FP1, 0, "other --wrong", "other is not among");
        denied(policy, FP1, 0, "tool | other", "other is not among");
        denied(policy, FP1, 0, "help other", "other is not among");
        decision = ask(policy, FP1, 0, "other");
        ck_assert_str_eq(decision->hint, "this key has: tool, ctl show");
        decision_free(decision);
        allowed(policy, FP2, 0, "other");
        allowed(policy, FP3, 0, "other");
        allowed(policy, NULL, 0, "other");
        policy_free(policy);
}
END_TEST

START_TEST(help_shows_what_the_key_has)
{
        struct policy *policy = fixture_policy(TOOLS "[key one]\nfingerprint = " FP1 "\ncommands = tool\n");
        struct decision *decision = ask(policy, FP1, 0, "help");

        ck_assert_ptr_nonnull(strstr(decision->text, "  tool "));
        ck_assert_ptr_null(strstr(decision->text, "  other "));
        decision_free(decision);
        allowed(policy, FP1, 0, "help tool");
        allowed(policy, FP1, 0, "tool --help");
        denied(policy, FP1, 0, "other --help", "is not among");
        policy_free(policy);
}
END_TEST

START_TEST(a_key_expires)
{
        struct policy *policy = fixture_policy(TOOLS "[key one]\nfingerprint = " FP1 "\nexpires = 2026-12-31T18:30Z\n");

        allowed(policy, FP1, 1798741799, "tool");
        denied(policy, FP1, 1798741800, "tool", "key one has expired at 2026-12-31T18:30Z");
        denied(policy, FP1, 1798741800, "help", "has expired");
        denied(policy, FP1, 1798741800, "tool '", "has expired");
        denied(policy, FP1, 1798741800, "", "has expired");
        allowed(policy, FP2, 1798741800, "tool");
        policy_free(policy);
}
END_TEST

START_TEST(unknown_keys)
{
        struct policy *policy = fixture_policy("[session]\nunknown-key = refuse\n" TOOLS "[key one]\nfingerprint = " FP1
                                               " " FP2 "\n");

        allowed(policy, FP1, 0, "tool");
        allowed(policy, FP2, 0, "tool");
        denied(policy, FP3, 0, "tool", "(" FP3 ") has no [key");
        denied(policy, NULL, 0, "tool", "it was not by key");
        denied(policy, FP3, 0, "help", "has no [key");
        policy_free(policy);
}
END_TEST

START_TEST(quotas)
{
        struct policy *policy = fixture_policy("[key one]\nfingerprint = " FP1 "\nrate = 30\nconcurrency = 2\n"
                                               "[key two]\nfingerprint = " FP2 "\n");
        struct policy_quota quota = policy_quota_of(policy, FP1);

        ck_assert_str_eq(quota.key, "one");
        ck_assert_uint_eq(quota.rate, 30);
        ck_assert_uint_eq(quota.concurrency, 2);
        quota = policy_quota_of(policy, FP2);
        ck_assert_uint_eq(quota.rate + quota.concurrency, 0);
        ck_assert_ptr_null(policy_quota_of(policy, FP3).key);
        ck_assert_ptr_null(policy_quota_of(policy, NULL).key);
        ck_assert_str_eq(policy_key_fingerprint(policy, "two"), FP2);
        ck_assert_ptr_null(policy_key_fingerprint(policy, "three"));
        policy_free(policy);
}
END_TEST

START_TEST(times)
{
        static const char *const bad[] = { "",
                                           "2026",
                                           "2026-13-01",
                                           "2026-02-30",
                                           "2026-1-1",
                                           "26-01-01",
                                           "2026-01-01T",
                                           "2026-01-01T10:00",
                                           "2026-01-01 10:00Z",
                                           "2026-01-01T24:00Z",
                                           "2026-01-01T10:60Z",
                                           "2026-01-01T10:00Zx",
                                           "2026-01-01x",
                                           "+026-01-01",
                                           NULL };
        int64_t time = -1;

        ck_assert_int_eq(key_parse_time("1970-01-01", &time), 0);
        ck_assert_int_eq(time, 0);
        ck_assert_int_eq(key_parse_time("2024-02-29T23:59Z", &time), 0);
        ck_assert_int_eq(time, 1709251140);
        for (size_t i = 0; bad[i] != NULL; i++)
                ck_assert_msg(key_parse_time(bad[i], &time) == -EINVAL, "%s", bad[i]);
        ck_assert_int_eq(time, 1709251140);
}
END_TEST

START_TEST(what_is_wrong)
{
        fixture_wrong("[key]\n", ":1:1: expected [key NAME]");
        fixture_wrong("[key a b]\n", ":1:1: expected [key NAME]");
        fixture_wrong("[key ../x]\n", ":1:1: expected [key NAME]");
        fixture_wrong("[key a]\n", ":1: [key a] has no fingerprint");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\n[key a]\n", ":3:1: [key a] is defined twice, first at ");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\n[key b]\nfingerprint = " FP2 " " FP1 "\n",
                      ":4:66: " FP1 " belongs to [key a] already");
        fixture_wrong("[key a]\nfingerprint = SHA256:short\n", ":2:15: SHA256:short is no fingerprint");
        fixture_wrong("[key a]\nfingerprint = MD5:00:11\n", "is no fingerprint");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\ncommands = true\n", ":3: [key a]: there is no command true");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\ncommand = ctl none\n" TOOLS, "there is no command ctl none");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nrate = 0\n", ":3:8: rate: expected a number from 1 to 6000");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nconcurrency = x\n", "concurrency: expected a number from 1");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nexpires = tomorrow\n", ":3:11: expires: expected a day");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nrate = 1\nrate = 1\n", ":4:1: rate is given twice");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nallow = 1\n", ":3:1: unknown key allow in [key a]");
        fixture_wrong("[session]\nunknown-key = maybe\n", ":2:15: unknown-key: expected allow or refuse");
}
END_TEST

FIXTURE_MAIN_DIR("keys", a_subset_of_the_commands, help_shows_what_the_key_has, a_key_expires, unknown_keys, quotas,
                 times, what_is_wrong)
