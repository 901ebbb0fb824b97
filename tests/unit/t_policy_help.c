#include "pam_diag/policy/help.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                            \
        "[command ctl]\nsummary = Asks\nprogram = /bin/true\nflag = -l --full\nhint = ctl show X\n"       \
        "refuse = --host : it connects\n[command ctl show|sh]\nsummary = Shows\noption = -p : list A B\n" \
        "option = -n[+] : integer 0..5\noperand = 1 unless -p : unit\noperand = 0..3 : text\n"

START_TEST(one_command)
{
        struct policy *policy = fixture_policy(POLICY);
        char *text = NULL;

        ck_assert_int_eq(help_command(policy, "ctl", NULL, &text), 0);
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

        ck_assert_int_eq(help_command(policy, "ctl", "sh", &text), 0);
        ck_assert_ptr_nonnull(strstr(text, "ctl show: Shows\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -l, --full\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -p : list A B\n"));
        ck_assert_ptr_nonnull(strstr(text, "  -n [: integer 0..5]\n"));
        ck_assert_ptr_nonnull(strstr(text, "  1 operand : unit (not with -p)\n"));
        ck_assert_ptr_nonnull(strstr(text, "  0 to 3 operands : text\n"));
        free(text);
        text = NULL;
        ck_assert_int_eq(help_command(policy, "ctl", "none", &text), -ENOENT);
        ck_assert_int_eq(help_command(policy, "none", NULL, &text), -ENOENT);
        ck_assert_ptr_null(text);
        policy_free(policy);
}
END_TEST

START_TEST(instead)
{
        ck_assert_ptr_nonnull(help_instead("awk"));
        ck_assert_ptr_nonnull(help_instead("sudo"));
        ck_assert_ptr_nonnull(help_instead("less"));
        ck_assert_ptr_null(help_instead(""));
        ck_assert_ptr_null(help_instead(" "));
        ck_assert_ptr_null(help_instead("aw"));
        ck_assert_ptr_null(help_instead("wk"));
        ck_assert_ptr_null(help_instead("frobnicate"));
}
END_TEST

FIXTURE_MAIN_DIR("help", one_command, one_sub_command, instead)
