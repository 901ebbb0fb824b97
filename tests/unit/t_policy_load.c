#include "tests/unit/t_policy_fixture.h"

#define TRUE_PROGRAM "[command true]\nsummary = Nothing\n"

START_TEST(an_empty_policy_denies_all)
{
        struct policy *policy = fixture_policy("");

        ck_assert_uint_eq(policy_command_count(policy), 0);
        ck_assert_ptr_null(policy_allow(policy)[0]);
        ck_assert_ptr_nonnull(policy_deny(policy)[0]);
        ck_assert_ptr_nonnull(policy_runtime(policy)[0]);
        ck_assert_ptr_null(policy_programs(policy)[0]);
        ck_assert_ptr_null(policy_accept_missing(policy)[0]);
        ck_assert_ptr_null(policy_command_name(policy, 0));
        policy_free(policy);
}
END_TEST

static bool has(char *const *strings, const char *text)
{
        for (; *strings != NULL; strings++)
                if (strcmp(*strings, text) == 0)
                        return true;
        return false;
}

START_TEST(built_in_denies_hold_always)
{
        struct policy *policy = fixture_policy("[paths]\nallow = / /root /etc\ndeny = /srv/x/\n");

        ck_assert(has(policy_deny(policy), "/etc/shadow*"));
        ck_assert(has(policy_deny(policy), "/root"));
        ck_assert(has(policy_deny(policy), "/run/user"));
        ck_assert(has(policy_deny(policy), "/proc/*/environ"));
        ck_assert(has(policy_deny(policy), "/srv/x"));
        policy_free(policy);
}
END_TEST

START_TEST(reads_profiles_and_dropins_in_order)
{
        char text[600];
        struct policy *policy;

        fixture_mkdir("policy.d");
        fixture_mkdir("commands");
        fixture_write("commands/true.conf", TRUE_PROGRAM);
        fixture_write("commands/env.conf", "[command env]\nsummary = x\n");
        fixture_write("policy.d/b.conf", "[paths]\nallow = /b\n");
        fixture_write("policy.d/a.conf", "[session]\ncommands = env\n[paths]\nallow = /a\n");
        fixture_write("policy.d/c.conf.old", "nonsense");
        fixture_write("policy.d/.hidden.conf", "nonsense");
        ck_assert_int_lt(
                snprintf(text, sizeof(text),
                         "[session]\nprofiles = %s\ncommands = true\naccept-missing = landlock-net\n[paths]\nallow = "
                         "/z\nallow = /z /y\n[command local]\nprogram = /bin/true\n",
                         fixture_path("commands")),
                (int)sizeof(text));
        policy = fixture_policy(text);
        ck_assert_uint_eq(policy_command_count(policy), 3);
        ck_assert_str_eq(policy_command_name(policy, 0), "env");
        ck_assert_str_eq(policy_command_name(policy, 1), "local");
        ck_assert_str_eq(policy_command_name(policy, 2), "true");
        ck_assert_str_eq(policy_allow(policy)[0], "/z");
        ck_assert_str_eq(policy_allow(policy)[1], "/y");
        ck_assert_str_eq(policy_allow(policy)[2], "/a");
        ck_assert_str_eq(policy_allow(policy)[3], "/b");
        ck_assert_str_eq(policy_accept_missing(policy)[0], "landlock-net");
        policy_free(policy);
}
END_TEST

START_TEST(the_digest_covers_every_file)
{
        char first[65];
        struct policy *policy = fixture_policy("# a\n");

        strcpy(first, policy_sha256(policy));
        ck_assert_uint_eq(strlen(first), 64);
        policy_free(policy);
        policy = fixture_policy("# a\n");
        ck_assert_str_eq(policy_sha256(policy), first);
        policy_free(policy);
        policy = fixture_policy("# b\n");
        ck_assert_str_ne(policy_sha256(policy), first);
        policy_free(policy);
        fixture_mkdir("policy.d");
        fixture_write("policy.d/x.conf", "");
        policy = fixture_policy("# a\n");
        ck_assert_str_ne(policy_sha256(policy), first);
        policy_free(policy);
}
END_TEST

START_TEST(session_errors)
{
        fixture_wrong("[session]\nnonsense = 1\n", "policy.conf:2:1: unknown key nonsense");
        fixture_wrong("[sesion]\n", "policy.conf:1:1: unknown section [sesion]");
        fixture_wrong("[session x]\n", "policy.conf:1:1: unknown section");
        fixture_wrong("[session]\ntimeout = 5\n", "policy.conf:2:11: timeout: expected");
        fixture_wrong("[session]\ntimeout = 5s\ntimeout = 6s\n", "policy.conf:3:1: timeout is given twice");
        fixture_wrong("[session]\ntimeout = 5s\n[paths]\n[session]\ntimeout = 6s\n",
                      "policy.conf:5:1: timeout is given twice");
        fixture_wrong("[session]\noutput-limit = many\n", "policy.conf:2:16: output-limit: expected");
        fixture_wrong("[session]\nsearch-path = bin\n", "policy.conf:2:15: bin is not an absolute path");
        fixture_wrong("[session]\nprofiles = x\n", "policy.conf:2:12: profiles: expected");
        fixture_wrong("[session]\ncommands = ../x\n", "policy.conf:2:12: ../x is not a command's name");
        fixture_wrong("[session]\ncommands = a b a\n", "policy.conf:2:16: command a is enabled twice, first at");
        fixture_wrong("[session]\nprofiles = /run/none\ncommands = a\n",
                      "policy.conf:3:12: command a has no profile: /run/none/a.conf");
        fixture_wrong("[session]\naudit = maybe\n", "policy.conf:2:9: audit: expected yes, no or required");
        fixture_wrong("[session]\naudit = yes\naudit = no\n", "policy.conf:3:1: audit is given twice");
        fixture_wrong("[session]\naccept-missing = landlock\n", "policy.conf:2:18: landlock may never be missing");
        fixture_wrong("[session]\naccept-missing = landlock-net listener\n",
                      "policy.conf:2:31: listener may never be missing");
        fixture_wrong("[session]\naccept-missing = moon\n", "policy.conf:2:18: unknown layer moon");
        fixture_wrong("[paths]\nallow = /a b\n", "policy.conf:2:12: b is not an absolute path");
        fixture_wrong("[paths]\ndeny = /a/../b\n", "policy.conf:2:8: /a/../b is not an absolute path without ..");
        fixture_wrong("[hosts]\nallow = a.b -x\n", "policy.conf:2:13: -x is no name, pattern, address");
        fixture_wrong("[hosts]\nallow = 10.0.0.0/33\n", "policy.conf:2:9: 10.0.0.0/33 is no name");
        fixture_wrong("[hosts]\ndeny = a\n", "policy.conf:2:1: unknown key deny in [hosts]");
        fixture_wrong("[paths]\nforbid = /a\n", "policy.conf:2:1: unknown key forbid");
}
END_TEST

/* What layers_probe can miss on a kernel that has Landlock at all, and the control group: a host that lacks one is not lost. */
START_TEST(every_layer_that_a_kernel_may_lack_can_be_accepted)
{
        struct policy *policy = fixture_policy("[session]\naccept-missing = landlock-truncate landlock-net\n"
                                               "accept-missing = landlock-ioctl landlock-scope cgroup-kill\n");

        ck_assert_uint_eq(strv_length(policy_accept_missing(policy)), 5);
        policy_free(policy);
}
END_TEST

START_TEST(command_errors)
{
        fixture_wrong("[command]\n", "policy.conf:1:1: expected [command NAME]");
        fixture_wrong("[command a/b]\n", "policy.conf:1:1: expected [command NAME]");
        fixture_wrong("[command help]\n", "policy.conf:1:1: expected [command NAME]");
        fixture_wrong("[command a]\n[command a]\n", "policy.conf:2:1: [command a] is defined twice, first at");
        fixture_wrong("[command a b]\n", "policy.conf:1:1: define [command a] before");
        fixture_wrong("[command a]\n[command a b]\n[command a b]\n", "policy.conf:3:1: [command a b] is defined twice");
        fixture_wrong("[command a]\nexec = x\n", "policy.conf:2:1: unknown key exec in [command a]");
        fixture_wrong("[command a]\nsummary = x\nsummary = y\n", "policy.conf:3:1: summary is given twice");
        fixture_wrong("[command a]\nflag =\n", "policy.conf:2:7: flag has no value");
        fixture_wrong("[command a]\ntimeout = soon\n", "policy.conf:2:11: timeout: expected");
        fixture_wrong("[command a]\nnetwork = inet bluetooth\n", "policy.conf:2:16: unknown network;");
        fixture_wrong("[command a]\nhelpers = gzip\n", "policy.conf:2:11: helpers are absolute");
        fixture_wrong("[command a]\nprogram = gzip\n", "policy.conf:2:11: program is an absolute");
        fixture_wrong("[command a]\nstyle = finde\n", "policy.conf:2:9: unknown style finde");
        fixture_wrong("[command a]\ndispatch = maybe\n", "policy.conf:2:12: unknown dispatch");
        fixture_wrong("[command a]\n[command a b]\nprogram = /x\n", "policy.conf:3:1: program belongs to [command a]");
        fixture_wrong("[command a]\nverb = b\n[command a c]\n", "policy.conf:1: a: verb = b is no sub-command");
        fixture_wrong("[command a]\noperand = 1 : text\n[command a c]\n", "operands belong to its sub-commands");
}
END_TEST

START_TEST(grammar_errors)
{
        fixture_wrong("[command a]\nflag = x\n", "policy.conf:2:8: x is not an option's name");
        fixture_wrong("[command a]\nflag = -ab\n", "policy.conf:2:8: -ab is not an option's name");
        fixture_wrong("[command a]\nflag = -- \n", "policy.conf:2:8: -- is not an option's name");
        fixture_wrong("[command a]\nflag = -a[+]\n", "policy.conf:2:8: -a[+] is not");
        fixture_wrong("[command a]\nflag = -a --b\nflag = --b\n", "policy.conf:3:8: --b is an option of a already");
        fixture_wrong("[command a]\nflag = -a -a\n", "policy.conf:2:11: -a is given twice");
        fixture_wrong("[command a]\nflag = -a\nrefuse = -a : no\n", "policy.conf:3:10: -a is an option of a already");
        fixture_wrong("[command a]\nrefuse = -a : no\nflag = -a\n", "policy.conf:3:8: -a is refused by a already");
        fixture_wrong("[command a]\nrefuse = -a\n", "policy.conf:2:10: refuse needs a reason");
        fixture_wrong("[command a]\noption = -a : nonsense\n", "policy.conf:2:15: unknown type: nonsense");
        fixture_wrong("[command a]\noption = -a\n", "unknown type: (none)");
        fixture_wrong("[command a]\noption = -a[!] : text\n", "policy.conf:2:10: -a[!]: after an option's name only");
        fixture_wrong("[command a]\noption = -a[+] --all : text\n",
                      "policy.conf:2:16: --all takes its value another way than -a");
        fixture_wrong("[command a]\noption = once : text\n", "policy.conf:2:10: option needs the names");
        fixture_wrong("[command a]\noperand = : text\n[command b]\noperand = x : text\n",
                      "policy.conf:4:11: expected how many operands");
        fixture_wrong("[command a]\noperand = 3..2 : text\n", "policy.conf:2:11: expected how many operands");
        fixture_wrong("[command a]\noperand = 0..1001 : text\n", "policy.conf:2:11: expected how many operands");
        fixture_wrong("[command a]\noperand = 1 when -x : text\n", "policy.conf:2:13: expected `unless`");
        fixture_wrong("[command a]\noperand = 1 unless -x : text\n", "policy.conf:1: a: unless -x: no such option");
        fixture_wrong("[command a]\nnumber = -n\n", "policy.conf:2:10: number names an option");
        fixture_wrong("[command a]\nexclusive = -n\n", "policy.conf:2:13: -n is no option of a");
        fixture_wrong("[command a]\nbsd = a-b\n", "policy.conf:2:8: - is not a letter");
        fixture_wrong("[command a]\n[command a x]\nflag = -n\n[command a y]\noption = -n : text\n",
                      "a y: -n takes its value in another way in another sub-command");
}
END_TEST

START_TEST(all_errors_are_told_and_one_rejects_all)
{
        size_t count = 0;
        char *errors = fixture_errors("[session]\nx = 1\ny = 2\n[paths]\nallow = z\n[command a]\nq = 1\n?\n", &count);

        ck_assert_uint_eq(count, 5);
        free(errors);
}
END_TEST

START_TEST(a_profile_holds_its_command_alone)
{
        char text[600];

        fixture_mkdir("commands");
        ck_assert_int_lt(
                snprintf(text, sizeof(text), "[session]\nprofiles = %s\ncommands = a\n", fixture_path("commands")),
                (int)sizeof(text));
        fixture_write("commands/a.conf", "[command b]\n");
        fixture_wrong(text, "a.conf:1:1: the profile of a describes a and nothing else");
        fixture_write("commands/a.conf", "[paths]\nallow = /\n");
        fixture_wrong(text, "a.conf:1:1: a profile holds [types] and [command a …] only");
        fixture_write("commands/a.conf", "# nothing\n");
        fixture_wrong(text, "there is no [command a] in it");
        fixture_write("commands/a.conf", "[command a]\n");
        strcat(text, "[command a]\n");
        fixture_wrong(text, "a.conf:1:1: [command a] is defined twice");
}
END_TEST

static void untrusted(const char *expected)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct policy *policy = NULL;

        ck_assert_int_lt(policy_load(fixture_path("policy.conf"), POLICY_ROOT_ONLY, &errors, &policy), 0);
        ck_assert_ptr_null(policy);
        ck_assert_msg(strstr(errors.text.data, expected) != NULL, "%s", errors.text.data);
        ck_assert_int_eq(policy_load(fixture_path("policy.conf"), POLICY_ANY_OWNER, &errors, &policy), 0);
        policy_free(policy);
}

START_TEST(owners_and_modes)
{
        fixture_mkdir("policy.d");
        fixture_write("policy.conf", "");
        fixture_write("policy.d/x.conf", "");
        policy_free(fixture_load());
        ck_assert_int_eq(chmod(fixture_path("policy.conf"), 0664), 0);
        untrusted("policy.conf is group-writable");
        ck_assert_int_eq(chmod(fixture_path("policy.conf"), 0646), 0);
        untrusted("policy.conf is world-writable");
        ck_assert_int_eq(chmod(fixture_path("policy.conf"), 0644), 0);
        ck_assert_int_eq(chown(fixture_path("policy.d/x.conf"), 65534, 0), 0);
        untrusted("x.conf does not belong to root");
        ck_assert_int_eq(chown(fixture_path("policy.d/x.conf"), 0, 0), 0);
        ck_assert_int_eq(chmod(fixture_path("policy.d"), 01777), 0);
        untrusted("policy.d is world-writable");
        ck_assert_int_eq(chmod(fixture_path("policy.d"), 0755), 0);
        ck_assert_int_eq(chown(fixture_dir, 65534, 0), 0);
        untrusted("does not belong to root");
        ck_assert_int_eq(chown(fixture_dir, 0, 0), 0);
        policy_free(fixture_load());
}
END_TEST

START_TEST(missing_policy)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct policy *policy = NULL;

        ck_assert_int_eq(policy_load(fixture_path("none.conf"), POLICY_ROOT_ONLY, &errors, &policy), -ENOENT);
        ck_assert_ptr_null(policy);
        ck_assert_uint_eq(errors.count, 1);
        ck_assert_ptr_nonnull(strstr(errors.text.data, "none.conf: No such file"));
}
END_TEST

START_TEST(a_directory_is_no_policy)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct policy *policy = NULL;

        fixture_mkdir("policy.conf");
        ck_assert_int_eq(policy_load(fixture_path("policy.conf"), POLICY_ROOT_ONLY, &errors, &policy), -EINVAL);
        ck_assert_ptr_nonnull(strstr(errors.text.data, "is not a regular file"));
}
END_TEST

START_TEST(the_audit_of_the_kernel)
{
        static const struct {
                const char *text;
                enum policy_audit audit;
        } cases[] = { { "", POLICY_AUDIT_YES },
                      { "[session]\naudit = yes\n", POLICY_AUDIT_YES },
                      { "[session]\naudit = no\n", POLICY_AUDIT_NO },
                      { "[session]\naudit = required\n", POLICY_AUDIT_REQUIRED } };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct policy *policy = fixture_policy(cases[i].text);

                ck_assert_int_eq(policy_audit(policy), cases[i].audit);
                policy_free(policy);
        }
}
END_TEST

FIXTURE_MAIN_DIR("load", an_empty_policy_denies_all, built_in_denies_hold_always, reads_profiles_and_dropins_in_order,
                 the_digest_covers_every_file, session_errors, every_layer_that_a_kernel_may_lack_can_be_accepted,
                 command_errors, grammar_errors, all_errors_are_told_and_one_rejects_all,
                 a_profile_holds_its_command_alone, owners_and_modes, missing_policy, a_directory_is_no_policy,
                 the_audit_of_the_kernel)
