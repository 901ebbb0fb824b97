#include "pam_diag/policy/hosts.h"

#include "tests/unit/t_policy_fixture.h"

#define TOOL "[command ask]\nprogram = /bin/true\noperand = 1 : host\n"

START_TEST(without_a_list_any_host)
{
        struct policy *policy = fixture_policy(TOOL);

        fixture_allow(policy, "ask www.example.org", "ask|www.example.org");
        fixture_allow(policy, "ask 192.0.2.1", "ask|192.0.2.1");
        fixture_deny(policy, "ask 127.1", CODE_OPERAND, "127.1 is not a host's name or whole address");
        policy_free(policy);
}
END_TEST

START_TEST(names)
{
        struct policy *policy = fixture_policy("[hosts]\nallow = *.example.org localhost\nallow = db?\n" TOOL);

        fixture_allow(policy, "ask www.example.org", "ask|www.example.org");
        fixture_allow(policy, "ask a.b.EXAMPLE.org.", "ask|a.b.EXAMPLE.org.");
        fixture_allow(policy, "ask localhost", "ask|localhost");
        fixture_allow(policy, "ask dbx", "ask|dbx");
        fixture_deny(policy, "ask example.org", CODE_REFUSED,
                     "example.org is not among the hosts that may be named here");
        fixture_deny(policy, "ask www.example.org.evil", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask localhost.evil", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask 10.0.0.1", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask ::1", CODE_REFUSED, "is not among");
        policy_free(policy);
}
END_TEST

START_TEST(addresses)
{
        struct policy *policy = fixture_policy(
                "[hosts]\nallow = 10.0.0.0/8 192.168.4.0/22 192.0.2.7 2001:db8::/33 ::1 *.x\n" TOOL);
        struct decision *decision;

        fixture_allow(policy, "ask 10.255.0.1", "ask|10.255.0.1");
        fixture_allow(policy, "ask 192.168.7.255", "ask|192.168.7.255");
        fixture_allow(policy, "ask 192.0.2.7", "ask|192.0.2.7");
        fixture_allow(policy, "ask 2001:db8:7fff::1", "ask|2001:db8:7fff::1");
        fixture_allow(policy, "ask ::1", "ask|::1");
        fixture_deny(policy, "ask 11.0.0.1", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask 192.168.8.0", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask 192.0.2.8", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask 2001:db8:8000::1", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask ::ffff:10.0.0.1", CODE_REFUSED, "is not among");
        decision = fixture_decide(policy, "ask a.y");
        ck_assert_ptr_nonnull(strstr(decision->hint, "hosts: 10.0.0.0/8 192.168.4.0/22"));
        decision_free(decision);
        policy_free(policy);
}
END_TEST

START_TEST(names_without_a_dot)
{
        struct policy *policy = fixture_policy("[hosts]\nallow = undotted\nreason = ask the operator\n" TOOL);

        fixture_allow(policy, "ask db", "ask|db");
        fixture_allow(policy, "ask com.", "ask|com.");
        fixture_deny(policy, "ask a.b", CODE_REFUSED, "may be named here: ask the operator");
        fixture_deny(policy, "ask a.b.", CODE_REFUSED, "is not among");
        fixture_deny(policy, "ask 10.0.0.1", CODE_REFUSED, "is not among");
        policy_free(policy);
}
END_TEST

START_TEST(everything)
{
        struct policy *policy = fixture_policy("[hosts]\nallow = * 0.0.0.0/0\n" TOOL);

        fixture_allow(policy, "ask any.thing", "ask|any.thing");
        fixture_allow(policy, "ask 8.8.8.8", "ask|8.8.8.8");
        fixture_deny(policy, "ask 2001:db8::1", CODE_REFUSED, "is not among");
        policy_free(policy);
}
END_TEST

START_TEST(patterns)
{
        ck_assert(host_is_pattern("*.a"));
        ck_assert(host_is_pattern("::/0"));
        ck_assert(host_is_pattern("10.0.0.1"));
        ck_assert(!host_is_pattern(""));
        ck_assert(!host_is_pattern("-a"));
        ck_assert(!host_is_pattern("a b"));
        ck_assert(!host_is_pattern("[a]"));
        ck_assert(!host_is_pattern("10.0.0.0/99"));
}
END_TEST

FIXTURE_MAIN_DIR("hosts", without_a_list_any_host, names, names_without_a_dot, addresses, everything, patterns)
