#include "pam_diag/policy/engine.h"

#include "tests/unit/t_policy_fixture.h"

#define FP1 "SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FP2 "SHA256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEYS "[key a]\nfingerprint = " FP1 "\nengine = docker\n[key b]\nfingerprint = " FP2 "\nengine = podman\n"

static void must_mask(const struct policy *policy, const char *fingerprint, bool docker, bool podman)
{
        cleanup_strv char **masks = NULL;

        ck_assert_int_eq(engine_masks(policy, fingerprint, &masks), 0);
        ck_assert(strv_has(masks, "/run/docker.sock", strlen("/run/docker.sock")) == docker);
        ck_assert(strv_has(masks, "/var/run/docker.sock", strlen("/var/run/docker.sock")) == docker);
        ck_assert(strv_has(masks, "/run/podman", strlen("/run/podman")) == podman);
        /* What an engine keeps besides its socket, and all else. */
        ck_assert(strv_has(masks, "/run/docker", strlen("/run/docker")));
        ck_assert(strv_has(masks, "/etc/shadow*", strlen("/etc/shadow*")));
}

START_TEST(only_a_key_that_names_it_reaches_an_engine)
{
        struct policy *policy = fixture_policy(KEYS);

        must_mask(policy, NULL, true, true);
        must_mask(policy, "SHA256:other", true, true);
        must_mask(policy, FP1, false, true);
        must_mask(policy, FP2, true, false);
        ck_assert_ptr_null(engine_of(policy, NULL));
        ck_assert_ptr_null(engine_of(policy, "SHA256:other"));
        ck_assert_str_eq(engine_of(policy, FP1), "docker");
        policy_free(policy);
}
END_TEST

START_TEST(the_argv_check_denies_the_socket_to_all)
{
        struct policy *policy = fixture_policy(KEYS);

        ck_assert(strv_has(policy_deny(policy), "/run/docker.sock", strlen("/run/docker.sock")));
        policy_free(policy);
}
END_TEST

START_TEST(what_the_operator_denies_stays_denied)
{
        struct policy *policy = fixture_policy(KEYS
                                               "[paths]\ndeny = /run/docker.sock /var/run/docker.sock /run/podman\n");

        must_mask(policy, FP1, true, true);
        must_mask(policy, FP2, true, true);
        policy_free(policy);
}
END_TEST

START_TEST(errors)
{
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nengine = lxc\n",
                      "policy.conf:3:10: engine: expected one of docker podman");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nengine = docker\nengine = podman\n", "policy.conf:4:1: engine");
        fixture_wrong("[key a]\nfingerprint = " FP1 "\nengine =\n", "engine has no value");
}
END_TEST

FIXTURE_MAIN_DIR("engine", only_a_key_that_names_it_reaches_an_engine, the_argv_check_denies_the_socket_to_all,
                 what_the_operator_denies_stays_denied, errors)
