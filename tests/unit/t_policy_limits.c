#include "pam_diag/policy/limits.h"

#include "tests/unit/t_policy_fixture.h"

static void reads(const char *key, const char *value, uint64_t expected)
{
        struct limits limits = { 1, 1, 1, 1, 1 };
        const char *why = NULL;

        ck_assert_int_eq(limits_read(key, value, &limits, &why), 0);
        ck_assert_uint_eq(limits.timeout_ms, strcmp(key, "timeout") == 0 ? expected : 1);
        ck_assert_uint_eq(limits.output_most, strcmp(key, "output-limit") == 0 ? expected : 1);
        ck_assert_uint_eq(limits.memory_most, strcmp(key, "memory-limit") == 0 ? expected : 1);
        ck_assert_uint_eq(limits.cpu_s, strcmp(key, "cpu-limit") == 0 ? expected : 1);
        ck_assert_uint_eq(limits.processes_most, strcmp(key, "process-limit") == 0 ? expected : 1);
}

START_TEST(each_has_its_measure)
{
        reads("timeout", "1500ms", 1500);
        reads("output-limit", "64k", 65536);
        reads("memory-limit", "4G", UINT64_C(4) << 30);
        reads("cpu-limit", "2m", 120);
        reads("process-limit", "0", 0);
        ck_assert_uint_eq(limits_bit("memory"), 0);
}
END_TEST

START_TEST(what_is_wrong)
{
        struct limits limits = { 0 };
        const char *why = NULL;

        ck_assert_int_eq(limits_read("cpu-limit", "1500ms", &limits, &why), -EINVAL);
        ck_assert_ptr_nonnull(strstr(why, "whole seconds"));
        ck_assert_int_eq(limits_read("process-limit", "-1", &limits, &why), -EINVAL);
        ck_assert_int_eq(limits_read("process-limit", "100001", &limits, &why), -EINVAL);
        ck_assert_int_eq(limits_read("memory-limit", "much", &limits, &why), -EINVAL);
        ck_assert_int_eq(limits_read("timeout", "8d", &limits, &why), -EINVAL);
        ck_assert_uint_eq(limits.cpu_s + limits.processes_most + limits.memory_most + limits.timeout_ms, 0);
        fixture_wrong("[session]\nmemory-limit = x\n", ":2:16: memory-limit: expected a number of bytes");
        fixture_wrong("[session]\nconcurrency = 1001\n", ":2:15: concurrency: expected a number from 0 to 1000");
        fixture_wrong("[command a]\nprogram = /bin/true\ncpu-limit = 1ms\n",
                      ":3:13: cpu-limit: expected a time span of whole");
}
END_TEST

/* A sub-command's own, else its family's, else the session's, else ours. */
START_TEST(they_are_inherited)
{
        struct policy *policy = fixture_policy(
                "[session]\ncpu-limit = 9s\n[command a]\nprogram = /bin/true\n"
                "memory-limit = 1M\nprocess-limit = 3\n[command a b]\nprocess-limit = 4\n");
        struct decision *decision = fixture_decide(policy, "a b");
        const struct limits *limits = &decision->stages[0].limits;

        ck_assert_uint_eq(limits->processes_most, 4);
        ck_assert_uint_eq(limits->memory_most, 1 << 20);
        ck_assert_uint_eq(limits->cpu_s, 9);
        ck_assert_uint_eq(limits->output_most, limits_default.output_most);
        decision_free(decision);
        policy_free(policy);
}
END_TEST

/* What bounds a session as a whole leaves room for each of its commands. */
START_TEST(the_widest_of_all)
{
        struct policy *policy = fixture_policy(
                "[session]\nmemory-limit = 8M\nprocess-limit = 9\n"
                "[command a]\nprogram = /bin/true\nmemory-limit = 1M\nprocess-limit = 0\n"
                "[command b]\nprogram = /bin/true\nmemory-limit = 16M\n");

        ck_assert_uint_eq(policy_limits(policy).memory_most, 16 << 20);
        ck_assert_uint_eq(policy_limits(policy).processes_most, 0);
        policy_free(policy);
}
END_TEST

/* So are the trees that a program reads for itself; a session must be able to read all of them. */
START_TEST(trees_of_a_family)
{
        struct policy *policy = fixture_policy(
                "[command a]\nprogram = /bin/true\nreads = /a\n[command a b]\nreads = /b /b//\n"
                "[command gone]\nreads = /gone\n");
        struct decision *decision = fixture_decide(policy, "a b");

        ck_assert_str_eq(decision->stages[0].reads[0], "/b");
        ck_assert_str_eq(decision->stages[0].reads[1], "/a");
        ck_assert_ptr_null(decision->stages[0].reads[2]);
        ck_assert_str_eq(policy_reads(policy)[0], "/a");
        ck_assert_str_eq(policy_reads(policy)[1], "/b");
        ck_assert_ptr_null(policy_reads(policy)[2]); /* what is not installed here reads nothing */
        decision_free(decision);
        policy_free(policy);
        fixture_wrong("[command a]\nprogram = /bin/true\nreads = b\n", ":3:9: b is not an absolute path");
}
END_TEST

FIXTURE_MAIN_DIR("limits", each_has_its_measure, what_is_wrong, they_are_inherited, the_widest_of_all,
                 trees_of_a_family)
