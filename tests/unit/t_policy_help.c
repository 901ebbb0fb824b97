#include "pam_diag/policy/help.h"

#include "pam_diag/policy/keys.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                            \
        "[command ctl]\nsummary = Asks\nprogram = /bin/true\nflag = -l --full\nhint = ctl show X\n"       \
        "refuse = --host : it connects\n[command ctl show|sh]\nsummary = Shows\noption = -p : list A B\n" \
        "option = -n[+] : integer 0..5\noperand = 1 unless -p : unit\noperand = 0..3 : text\n"

static char *const *words(const char *first, const char *second)
{
        static char texts[2][32];
        static char *list[3];

        list[0] = strcpy(texts[0], first);
        list[1] = second != NULL ? strcpy(texts[1], second) : NULL;
        return list;
}

START_TEST(one_command)
{
        struct policy *policy = fixture_policy(POLICY);
        char *text = NULL;

        ck_assert_int_eq(help_command(policy_command(policy, "ctl"), NULL, &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "ctl: Asks\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -l, --full\n"));
        ck_assert_ptr_nonnull(strstr(text, "  refused: --host : it connects\n"));
        ck_assert_ptr_nonnull(strstr(text, "  ctl show"));
        ck_assert_ptr_nonnull(strstr(text, "  ctl show X\n"));
        free(text);
        policy_free(policy);
}
END_TEST

START_TEST(one_sub_command)
{
        struct policy *policy = fixture_policy(POLICY);
        char *text = NULL;

        ck_assert_int_eq(help_command(policy_command(policy, "ctl"), words("sh", "-p"), &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "ctl show: Shows\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -l, --full\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -p : list A B\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -n [: integer 0..5]\n"));
        ck_assert_ptr_nonnull(strstr(text, "  1 operand : unit (not with -p)\n"));
        ck_assert_ptr_nonnull(strstr(text, "  0 to 3 operands : text\n"));
        free(text);
        text = NULL;
        ck_assert_int_eq(help_command(policy_command(policy, "ctl"), words("none", NULL), &text), -ENOENT);
        ck_assert_ptr_null(text);
        policy_free(policy);
}
END_TEST

START_TEST(every_form_is_shown)
{
        struct policy *policy = fixture_policy(
                "[types]\nsome = one-of a b\n[command tool]\nprogram = /bin/true\ndispatch = stop\nflag = -q\n"
                "prepend = -q\n[command tool show|s one]\nverb = one\noption = -n : integer 0..9\nnumber = -n\n"
                "option = -k[?] once : some\nword = dev|d : maybe one-of = then interface\nword = up\nword = to : "
                "prefix\n"
                "operators = ( )\nbare = to\nexclusive = up dev\nrequire = to up\n");
        char *text = NULL;

        ck_assert_int_eq(help_command(policy_command(policy, "tool"), words("s", "one"), &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "  -k [: one-of a b] (once)\n"));
        ck_assert_ptr_nonnull(strstr(text, "  dev, d : [one-of =] then interface\n"));
        ck_assert_ptr_nonnull(strstr(text, "  up\n"));
        ck_assert_ptr_nonnull(strstr(text, "  to : prefix\n"));
        ck_assert_ptr_nonnull(strstr(text, "  between them: ( )\n"));
        ck_assert_ptr_nonnull(strstr(text, "  an unmarked word stands for: to\n"));
        ck_assert_ptr_nonnull(strstr(text, "  only one of: up dev\n"));
        ck_assert_ptr_nonnull(strstr(text, "  needed, one of: to up\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -50 stands for -n 50\n"));
        ck_assert_ptr_nonnull(strstr(text, "  its last word may be left out\n"));
        free(text);
        text = NULL;
        ck_assert_int_eq(help_command(policy_command(policy, "tool"), NULL, &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "  always added: -q\n"));
        ck_assert_ptr_nonnull(strstr(text, "stand before the sub-command"));
        free(text);
        policy_free(policy);
}
END_TEST

/* As many words as fit choose; what follows them in a line does not matter. */
START_TEST(words_of_a_line)
{
        struct policy *policy = fixture_policy(
                "[command tool]\nprogram = /bin/true\n[command tool a b]\nsummary = AB\n"
                "[command tool a c]\nsummary = AC\n[command plain]\nsummary = P\nprogram = /bin/true\n");
        const struct command *tool = policy_command(policy, "tool");
        char *text = NULL;

        ck_assert_int_eq(help_command(tool, words("a", "c"), &text), 0);
        ck_assert_str_eq(text, "tool a c: AC\n");
        free(text);
        ck_assert_int_eq(help_command(tool, words("a", "-x"), &text), 0);
        ck_assert_str_eq(text, "tool a b: AB\ntool a c: AC\n");
        free(text);
        ck_assert_int_eq(help_command(tool, words("-x", "a"), &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "tool a b "));
        free(text);
        ck_assert_int_eq(help_command(policy_command(policy, "plain"), words("/etc/x", NULL), &text), 0);
        ck_assert_str_eq(text, "plain: P\n");
        free(text);
        policy_free(policy);
}
END_TEST

START_TEST(instead)
{
        ck_assert_ptr_nonnull(help_instead("awk"));
        ck_assert_ptr_nonnull(help_instead("sudo"));
        ck_assert_ptr_nonnull(help_instead("less"));
        ck_assert_ptr_nonnull(help_instead("bzgrep"));
        ck_assert_ptr_nonnull(help_instead("nixos-rebuild"));
        ck_assert_ptr_null(help_instead(""));
        ck_assert_ptr_null(help_instead(" "));
        ck_assert_ptr_null(help_instead("aw"));
        ck_assert_ptr_null(help_instead("wk"));
        ck_assert_ptr_null(help_instead("frobnicate"));
}
END_TEST

FIXTURE_MAIN_DIR("help", one_command, one_sub_command, every_form_is_shown, words_of_a_line, instead)
