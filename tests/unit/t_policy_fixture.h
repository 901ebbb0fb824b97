/* A private directory below /run with policy files, for the tests of pam_diag/policy. They run as root. */
#pragma once

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/errors.h"
#include "pam_diag/policy/policy.h"

static char fixture_dir[64];
static char fixture_path_text[512];

__attribute__((unused)) static const char *fixture_path(const char *name)
{
        ck_assert_int_lt(snprintf(fixture_path_text, sizeof(fixture_path_text), "%s/%s", fixture_dir, name),
                         (int)sizeof(fixture_path_text));
        return fixture_path_text;
}

__attribute__((unused)) static void fixture_begin(void)
{
        (void)umask(022);
        strcpy(fixture_dir, "/run/pam_diag-test-XXXXXX");
        ck_assert_msg(mkdtemp(fixture_dir) != NULL, "these tests need root: %s", strerror(errno));
        ck_assert_int_eq(chmod(fixture_dir, 0755), 0);
}

static int fixture_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

__attribute__((unused)) static void fixture_end(void)
{
        ck_assert_int_eq(nftw(fixture_dir, fixture_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

__attribute__((unused)) static void fixture_mkdir(const char *name)
{
        ck_assert_int_eq(mkdir(fixture_path(name), 0755), 0);
}

__attribute__((unused)) static void fixture_write(const char *name, const char *text)
{
        int fd = open(fixture_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
        (void)fd_close(fd);
}

/* Loads policy.conf of the fixture, which must be good. */
__attribute__((unused)) static struct policy *fixture_load(void)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct policy *policy = NULL;
        int r = policy_load(fixture_path("policy.conf"), POLICY_ROOT_ONLY, &errors, &policy);

        ck_assert_msg(r == 0, "%d: %s", r, errors.text.data);
        return policy;
}

__attribute__((unused)) static struct policy *fixture_policy(const char *text)
{
        fixture_write("policy.conf", text);
        return fixture_load();
}

/* Loads a bad policy.conf; the text of its errors is the caller's. */
__attribute__((unused)) static char *fixture_errors(const char *text, size_t *ret_count)
{
        struct policy_errors errors = POLICY_ERRORS_INIT;
        struct policy *policy = NULL;
        char *all;

        fixture_write("policy.conf", text);
        ck_assert_int_lt(policy_load(fixture_path("policy.conf"), POLICY_ROOT_ONLY, &errors, &policy), 0);
        ck_assert_ptr_null(policy);
        ck_assert_uint_gt(errors.count, 0);
        all = strdup(errors.text.data);
        ck_assert_ptr_nonnull(all);
        if (ret_count != NULL)
                *ret_count = errors.count;
        policy_errors_free(&errors);
        return all;
}

/* A bad policy whose errors hold `expected`. */
__attribute__((unused)) static void fixture_wrong(const char *text, const char *expected)
{
        char *all = fixture_errors(text, NULL);

        ck_assert_msg(strstr(all, expected) != NULL, "expected \"%s\" in: %s", expected, all);
        free(all);
}

/* Every path leads to itself. */
static int fixture_resolve(void *context, const char *path, char **ret_resolved, size_t *ret_known)
{
        (void)context;
        *ret_known = strlen(path);
        *ret_resolved = strdup(path);
        return *ret_resolved == NULL ? -ENOMEM : 0;
}

__attribute__((unused)) static const struct path_resolver fixture_resolver = { .resolve = fixture_resolve,
                                                                               .context = NULL };

__attribute__((unused)) static struct decision *fixture_decide(const struct policy *policy, const char *line)
{
        struct decision *decision = NULL;

        ck_assert_int_eq(policy_decide(policy, NULL, line, strlen(line), &fixture_resolver, &decision), 0);
        return decision;
}

/* The line is allowed and runs as these words, joined by `|`. */
__attribute__((unused)) static void fixture_allow(const struct policy *policy, const char *line, const char *argv)
{
        struct decision *decision = fixture_decide(policy, line);
        char joined[4096] = "";

        ck_assert_msg(decision->verdict == VERDICT_ALLOW, "%s: %s", line, decision->reason);
        ck_assert_int_eq(decision->code, CODE_NONE);
        ck_assert_uint_eq(decision->stage_count, 1);
        for (size_t i = 0; decision->stages[0].argv[i] != NULL; i++) {
                if (i > 0)
                        strcat(joined, "|");
                strcat(joined, decision->stages[0].argv[i]);
        }
        ck_assert_msg(strcmp(joined, argv) == 0, "%s: runs %s, expected %s", line, joined, argv);
        decision_free(decision);
}

/* The line is denied with this code, and the reason holds the text. */
__attribute__((unused)) static void fixture_deny(const struct policy *policy, const char *line, enum decide_code code,
                                                 const char *reason)
{
        struct decision *decision = fixture_decide(policy, line);

        ck_assert_msg(decision->verdict == VERDICT_DENY, "%s is not denied", line);
        ck_assert_msg(decision->code == code, "%s: %s, %s", line, decide_code_name(decision->code), decision->reason);
        ck_assert_msg(strstr(decision->reason, reason) != NULL, "%s: %s", line, decision->reason);
        ck_assert_ptr_null(strchr(decision->reason, '\n'));
        if (decision->stage_count > 0)
                ck_assert_ptr_null(decision->stages[0].argv);
        decision_free(decision);
}

#define FIXTURE_RUN(suite_name, set_up, tear_down, ...)                       \
        int main(void)                                                        \
        {                                                                     \
                const TTest *const tests[] = { __VA_ARGS__ };                 \
                Suite *suite = suite_create(suite_name);                      \
                TCase *tcase = tcase_create(suite_name);                      \
                SRunner *runner = srunner_create(suite);                      \
                int failed;                                                   \
                                                                              \
                tcase_set_timeout(tcase, 60);                                 \
                tcase_add_checked_fixture(tcase, set_up, tear_down);          \
                for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) \
                        tcase_add_test(tcase, tests[i]);                      \
                suite_add_tcase(suite, tcase);                                \
                srunner_run_all(runner, CK_ENV);                              \
                failed = srunner_ntests_failed(runner);                       \
                srunner_free(runner);                                         \
                return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;             \
        }

/* Tests of pure code, and tests with the directory. */
#define FIXTURE_MAIN(suite_name, ...) FIXTURE_RUN(suite_name, NULL, NULL, __VA_ARGS__)
#define FIXTURE_MAIN_DIR(suite_name, ...) FIXTURE_RUN(suite_name, fixture_begin, fixture_end, __VA_ARGS__)
