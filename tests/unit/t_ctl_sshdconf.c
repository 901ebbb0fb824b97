/* ctl/sshdconf.c: what `sshd -T` says. */
#include <check.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/sshdconf.h"

/* As OpenSSH 9.2 prints it. */
static const char text[] = "port 22\n"
                           "listenaddress [::]:22\n"
                           "usepam yes\n"
                           "permituserrc no\n"
                           "forcecommand /usr/local/bin/diag-shell\n"
                           "acceptenv LANG\n"
                           "acceptenv LC_*\n"
                           "authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\n"
                           "ipqos lowdelay throughput";

static void must_be(const char *keyword, size_t count, const char *first)
{
        cleanup_strv char **values = NULL;

        ck_assert_int_eq(sshdconf_values(text, keyword, &values), 0);
        ck_assert_uint_eq(strv_length(values), count);
        if (count > 0)
                ck_assert_str_eq(values[0], first);
}

START_TEST(values_are_found_by_whole_keyword)
{
        must_be("usepam", 1, "yes");
        must_be("permituserrc", 1, "no");
        must_be("permituser", 0, NULL);
        must_be("userrc", 0, NULL);
        must_be("forcecommand", 1, "/usr/local/bin/diag-shell");
        must_be("acceptenv", 2, "LANG");
        must_be("authorizedkeysfile", 1, ".ssh/authorized_keys .ssh/authorized_keys2");
        must_be("ipqos", 1, "lowdelay throughput");
}
END_TEST

START_TEST(patterns_that_let_too_much_in)
{
        ck_assert_str_eq(sshdconf_dangerous("LD_*"), "LD_PRELOAD");
        ck_assert_ptr_nonnull(sshdconf_dangerous("*"));
        ck_assert_str_eq(sshdconf_dangerous("BASH_ENV"), "BASH_ENV");
        ck_assert_str_eq(sshdconf_dangerous("LD_AUDI?"), "LD_AUDIT");
        ck_assert_ptr_null(sshdconf_dangerous("LANG"));
        ck_assert_ptr_null(sshdconf_dangerous("LC_*"));
        ck_assert_ptr_null(sshdconf_dangerous("none"));
}
END_TEST

START_TEST(keys_in_the_home)
{
        static const struct {
                const char *value;
                const char *file; /* NULL: none is */
        } cases[] = {
                { ".ssh/authorized_keys", "/srv/.ssh/authorized_keys" },
                { "/etc/ssh/authorized_keys.d/%u", NULL },
                { "/etc/ssh/keys/%u %h/.ssh/keys", "/srv/.ssh/keys" },
                { "/srv/keys", "/srv/keys" },
                { "/srv2/keys", NULL },
                { "none", NULL },
                { "%%h/x", "/srv/%h/x" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                cleanup_free char *file = NULL;

                ck_assert_int_eq(sshdconf_keys_in_home(cases[i].value, "diag", "/srv/", &file), 0);
                ck_assert_msg((file == NULL) == (cases[i].file == NULL), "%s: %s", cases[i].value, file);
                if (file != NULL)
                        ck_assert_str_eq(file, cases[i].file);
        }
}
END_TEST

START_TEST(keys_named_by_the_user)
{
        cleanup_free char *file = NULL;

        ck_assert_int_eq(sshdconf_keys_in_home("/home/%u/keys", "diag", "/home/diag", &file), 0);
        ck_assert_ptr_nonnull(file);
        ck_assert_str_eq(file, "/home/diag/keys");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_sshdconf");
        TCase *tcase = tcase_create("sshdconf");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, values_are_found_by_whole_keyword);
        tcase_add_test(tcase, patterns_that_let_too_much_in);
        tcase_add_test(tcase, keys_in_the_home);
        tcase_add_test(tcase, keys_named_by_the_user);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
