/* ctl/probing.c: what a finding means on this host and no other. */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "pam_diag/ctl/probing.h"

static char scope[] = "landlock-scope";
static char net[] = "landlock-net";
static char *both[] = { scope, net, NULL };
static char *scope_alone[] = { scope, NULL };

static void must_judge(enum finding_kind kind, const char *layer, const struct probing_host *host, enum report report,
                       const char *part)
{
        struct finding finding = { .kind = kind, .layer = layer, .text = "its own text" };
        const char *text = "";

        ck_assert_msg(probing_judge(&finding, host, &text) == report, "%s: %s", layer, text);
        ck_assert_msg(strstr(text, part) != NULL, "%s: %s", layer, text);
}

START_TEST(a_kernel_with_everything)
{
        static const struct probing_host host = { 0 };

        for (size_t i = 0; i < probing_layer_count(); i++) {
                must_judge(FINDING_OK, probing_layer(i), &host, REPORT_OK, "its own text");
                must_judge(FINDING_FAIL, probing_layer(i), &host, REPORT_FAIL, "its own text");
        }
        must_judge(FINDING_FAIL, "unheard-of", &host, REPORT_FAIL, "its own text");
}
END_TEST

START_TEST(a_layer_that_the_kernel_lacks)
{
        const struct probing_host accepted = { .missing = both, .accepted = both };
        const struct probing_host half = { .missing = both, .accepted = scope_alone };
        const struct probing_host there = { .missing = NULL, .accepted = both };

        must_judge(FINDING_FAIL, FINDING_LANDLOCK_NET, &accepted, REPORT_LACKING, "accepted by the policy");
        must_judge(FINDING_FAIL, FINDING_SIGNALS, &accepted, REPORT_LACKING, "accepted by the policy");
        must_judge(FINDING_FAIL, FINDING_ABSTRACT, &accepted, REPORT_LACKING, "accepted by the policy");
        /* Another layer stops it: that is what counts. */
        must_judge(FINDING_OK, FINDING_LANDLOCK_NET, &accepted, REPORT_OK, "its own text");
        must_judge(FINDING_FAIL, FINDING_LANDLOCK_NET, &half, REPORT_FAIL, "its own text");
        must_judge(FINDING_FAIL, FINDING_SIGNALS, &half, REPORT_LACKING, "accepted");
        /* Accepted, but the kernel has it: it must hold. */
        must_judge(FINDING_FAIL, FINDING_LANDLOCK_NET, &there, REPORT_FAIL, "its own text");
        /* What every kernel has is never excused. */
        must_judge(FINDING_FAIL, FINDING_LANDLOCK, &accepted, REPORT_FAIL, "its own text");
        must_judge(FINDING_FAIL, FINDING_LANDLOCK_IOCTL, &accepted, REPORT_FAIL, "its own text");
}
END_TEST

START_TEST(a_policy_that_lets_all_be_read)
{
        const struct probing_host host = { .root_is_readable = true };

        must_judge(FINDING_FAIL, FINDING_LANDLOCK_READ, &host, REPORT_LACKING, "every directory");
        must_judge(FINDING_OK, FINDING_LANDLOCK_READ, &host, REPORT_OK, "its own text");
        must_judge(FINDING_FAIL, FINDING_LANDLOCK, &host, REPORT_FAIL, "its own text");
}
END_TEST

START_TEST(a_policy_that_hides_proc)
{
        const struct probing_host host = { .proc_is_hidden = true };

        must_judge(FINDING_FAIL, FINDING_GROUP, &host, REPORT_LACKING, "/proc");
        must_judge(FINDING_FAIL, FINDING_LANDLOCK_READ, &host, REPORT_FAIL, "its own text");
}
END_TEST

START_TEST(labels_are_different)
{
        for (size_t i = 0; i < probing_layer_count(); i++)
                for (size_t k = 0; k < i; k++) {
                        ck_assert_str_ne(probing_label(probing_layer(i)), probing_label(probing_layer(k)));
                        ck_assert_str_ne(probing_layer(i), probing_layer(k));
                }
        ck_assert_str_eq(probing_label(FINDING_SECCOMP), "seccomp list");
        ck_assert_str_eq(probing_label("unheard-of"), "unheard-of");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_probing");
        TCase *tcase = tcase_create("probing");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, a_kernel_with_everything);
        tcase_add_test(tcase, a_layer_that_the_kernel_lacks);
        tcase_add_test(tcase, a_policy_that_lets_all_be_read);
        tcase_add_test(tcase, a_policy_that_hides_proc);
        tcase_add_test(tcase, labels_are_different);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
