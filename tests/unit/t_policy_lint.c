/* policy/lint*.c: what is no error but hardly meant. */
#include "pam_diag/policy/lint.h"

#include "tests/unit/t_policy_fixture.h"

#define FINE "summary = S\nsource = x(1)\n"

/* All lints of a policy as one text, the caller's. */
static char *lints_of(const char *text, size_t *ret_warnings)
{
        struct policy *policy = fixture_policy(text);
        cleanup_policy_lints struct policy_lints lints = POLICY_LINTS_INIT;
        char *all = NULL;

        ck_assert_int_eq(lint_commands(policy, &lints), 0);
        ck_assert_int_eq(lint_paths(policy, "policy", text, strlen(text), &lints), 0);
        *ret_warnings = lints.warnings.count;
        ck_assert_int_ge(asprintf(&all, "%s%s", lints.warnings.text.data != NULL ? lints.warnings.text.data : "",
                                  lints.notes.text.data != NULL ? lints.notes.text.data : ""),
                         0);
        policy_free(policy);
        return all;
}

static void warns(const char *text, const char *wanted)
{
        size_t warnings = 0;
        char *all = lints_of(text, &warnings);

        ck_assert_msg(strstr(all, wanted) != NULL, "wanted \"%s\" in: %s", wanted, all);
        ck_assert_msg(warnings == 1, "%s", all);
        free(all);
}

static void is_quiet(const char *text)
{
        size_t warnings = 0;
        char *all = lints_of(text, &warnings);

        ck_assert_str_eq(all, "");
        free(all);
}

START_TEST(names)
{
        static const char *const bad[] = { "sh",
                                           "bash",
                                           "zsh",
                                           "ksh",
                                           "mksh",
                                           "python3",
                                           "python3.11",
                                           "perl",
                                           "ruby",
                                           "node",
                                           "lua5.4",
                                           "php",
                                           "awk",
                                           "gawk",
                                           "mawk",
                                           "sed",
                                           "xargs",
                                           "env",
                                           "nice",
                                           "man",
                                           "nohup",
                                           "timeout",
                                           "watch",
                                           "tee",
                                           "less",
                                           "more",
                                           "vi",
                                           "vim",
                                           "nano",
                                           "emacs",
                                           "git",
                                           "ssh",
                                           "scp",
                                           "sudo",
                                           "su",
                                           "gdb",
                                           "chroot",
                                           "unshare",
                                           "nsenter",
                                           "systemd-run",
                                           "busybox",
                                           "strace",
                                           "/usr/lib64/ld-linux-x86-64.so.2",
                                           "/bin/dash" };
        static const char *const good[] = { "ls", "cat",  "systemctl", "journalctl", "shasum", "ssh-keygen", "envsubst",
                                            "ss", "find", "lsof",      "pythia",     "vigr",   "sedutil",    "lessons",
                                            "ps", "grep", "nodejsx",   "",           "lsblk",  "gdbx" };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                ck_assert_msg(lint_danger(bad[i]) != NULL, "%s", bad[i]);
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                ck_assert_msg(lint_danger(good[i]) == NULL, "%s: %s", good[i], lint_danger(good[i]));
}
END_TEST

START_TEST(interpreters)
{
        is_quiet("[command true]\n" FINE "program = /bin/true\n");
        warns("[command sh]\n" FINE "program = /bin/true\n", "policy.conf:1: warning: sh is a shell");
        warns("[command harmless]\n" FINE "program = /bin/bash\n", "warning: harmless runs /");
        warns("[command true]\n" FINE "program = /bin/true\nhelpers = /bin/sh\n", "its helper /bin/sh is a shell");
        warns("[command find]\n" FINE "flag = --exec\n", "find: --exec starts programs");
}
END_TEST

START_TEST(programs)
{
        warns("[command no-such-thing]\n" FINE, "warning: no-such-thing cannot run here: is not installed here");
        is_quiet("[command ls]\n" FINE "flag = -l\noption = --color[=] : text\nflag = --recursive -R\n");
        warns("[command ls]\n" FINE "\nflag = --recursvie\n",
              "policy.conf:1: warning: ls: --recursvie is not found in /");
        is_quiet("[command ls]\n" FINE "flag = --no-recursive\nflag = --norecursive\n");
        warns("[command ls]\n" FINE "flag = --no-recursvie\n", "--no-recursvie is not found");
        /* a part of a word that is there is no option */
        warns("[command ls]\n" FINE "flag = --recursiv_\n", "--recursiv_ is not found");
}
END_TEST

START_TEST(texts)
{
        warns("[command true]\nprogram = /bin/true\nsource = x\n", "true has no summary");
        warns("[command true]\nprogram = /bin/true\nsummary = x\n", "true has no source");
        warns("[command true]\nprogram = /bin/true\n" FINE "[command true show]\nflag = -a\n",
              "policy.conf:5: warning: true show has no summary");
}
END_TEST

START_TEST(endless)
{
        is_quiet("[command tail]\n" FINE "flag = -f --follow\n");
        is_quiet("[command tail]\n" FINE "timeout = 0\nflag = -q\n");
        warns("[command tail]\n" FINE "timeout = 0\nflag = -f --follow\n", "tail: with --follow it never ends");
        warns("[command top]\n" FINE "program = /bin/true\ntimeout = 0\n", "top never ends by itself");
}
END_TEST

START_TEST(denies)
{
        is_quiet("[paths]\nallow = /etc\ndeny = /etc/secrets /usr\n");
        warns("[paths]\nallow = /etc\ndeny = /etc/ssl\ndeny = /etc/x /etc/ssl/private\n",
              "policy:4:15: warning: deny /etc/ssl/private has no effect: it lies inside of the deny /etc/ssl");
        warns("[paths]\nallow = /etc\ndeny = /root/.ssh\n", "inside of the deny /root");
        warns("[paths]\nallow = /etc\ndeny = /home/joe/.ssh\n", "inside of the deny /home/*/.ssh");
        warns("[paths]\nallow = /etc\ndeny = /etc/x\ndeny = /etc/x\n",
              "policy:4:8: warning: deny /etc/x stands here for the second time");
        is_quiet("[paths]\nallow = /etc\ndeny = /etc/a* /etc/ab* /etc/*/c\n");
}
END_TEST

START_TEST(denies_of_what_is_not_there)
{
        size_t warnings = 9;
        char *all = lints_of("[paths]\nallow = /etc /srv/*/log\n"
                             "deny = /ect/x /no-such/y* /srv/a/log/z /srv/b /etc/none\n",
                             &warnings);

        ck_assert_uint_eq(warnings, 0);
        ck_assert_msg(strstr(all, "policy:3:8: note: deny has no effect here") != NULL, "%s", all);
        ck_assert_msg(strstr(all, "hold it: /ect/x /no-such/y*\n") != NULL, "%s", all);
        free(all);
}
END_TEST

START_TEST(allows)
{
        warns("[paths]\nallow = /etc /root/x\n",
              "policy:2:14: warning: allow /root/x has no effect: all of it is denied by /root");
        warns("[paths]\nallow = /srv/a /etc\ndeny = /srv/a\n", "allow /srv/a has no effect");
        is_quiet("[paths]\nallow = /srv /etc\ndeny = /srv/a\n");
        is_quiet("[paths]\nallow = /home /etc\n");
}
END_TEST

START_TEST(options_of_rules)
{
        struct policy *policy = fixture_policy(
                "[command true]\nprogram = /bin/true\nflag = -a\n[command true show]\nflag = -b --bb\n");

        ck_assert(lint_has_option(policy, "true", "-a"));
        ck_assert(!lint_has_option(policy, "true", "-b"));
        ck_assert(lint_has_option(policy, "true show", "--bb"));
        ck_assert(!lint_has_option(policy, "false", "-a"));
        policy_free(policy);
}
END_TEST

FIXTURE_MAIN_DIR("policy_lint", names, interpreters, programs, texts, endless, denies, denies_of_what_is_not_there,
                 allows, options_of_rules)
