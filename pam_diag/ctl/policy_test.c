#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/testfile.h"
#include "pam_diag/policy/resolve.h"

enum { TITLE_MOST = 256, REASON_MOST = 8192 };

/* A `#` in the text of a test point would begin a directive: TAP has it escaped. */
static void print_title(const struct testcase *test)
{
        cleanup_buf struct buf text = BUF_INIT((size_t)8 * TITLE_MOST);
        size_t shown = test->length < TITLE_MOST ? test->length : TITLE_MOST;

        show_put(&text, test->command, shown);
        printf("%s ", test->allow ? "allow" : "deny");
        for (const char *at = text.data; at != NULL && *at != '\0'; at++) {
                if (*at == '#')
                        putchar('\\');
                putchar(*at);
        }
        fputs(shown < test->length ? "…\n" : "\n", stdout);
}

static void put_wanted(struct buf *buf, const struct testcase *test)
{
        buf_printf(buf, "# wanted %s", test->allow ? "allow" : "deny");
        if (test->code != CODE_NONE)
                buf_printf(buf, ":%s", decide_code_name(test->code));
        if (test->rule != NULL) {
                buf_put_text(buf, ", rule ");
                show_put(buf, test->rule, strlen(test->rule));
        }
        buf_put_char(buf, '\n');
}

static void put_got(struct buf *buf, const struct decision *decision)
{
        const char *parts[] = { decision->rule, decision->reason };
        const char *names[] = { ", rule ", ": " };

        buf_put_text(buf, decision->verdict == VERDICT_DENY ? "# got deny" : "# got allow");
        if (decision->verdict == VERDICT_DENY)
                buf_printf(buf, ":%s", decide_code_name(decision->code));
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                if (parts[i] == NULL)
                        continue;
                buf_put_text(buf, names[i]);
                show_put_text(buf, parts[i], strlen(parts[i]));
        }
        buf_put_char(buf, '\n');
}

static bool is_as_wanted(const struct testcase *test, const struct decision *decision)
{
        if (test->allow != (decision->verdict != VERDICT_DENY))
                return false;
        if (test->code != CODE_NONE && test->code != decision->code)
                return false;
        return test->rule == NULL || (decision->rule != NULL && strcmp(test->rule, decision->rule) == 0);
}

static void print_why(const char *name, const struct testcase *test, const struct decision *decision)
{
        cleanup_buf struct buf text = BUF_INIT(REASON_MOST);

        buf_put_text(&text, "# at ");
        show_put(&text, name, strlen(name));
        buf_printf(&text, ":%u\n", test->line);
        put_wanted(&text, test);
        put_got(&text, decision);
        fputs(text.error == 0 ? text.data : "# the reason is too long to show\n", stdout);
}

/* 0 or -ENOMEM; *ret_failed counts. */
static int run_cases(const struct policy *policy, const struct policy_login *login, const char *name,
                     const struct testfile *file, size_t *ret_failed)
{
        printf("1..%zu\n", file->count);
        for (size_t i = 0; i < file->count; i++) {
                const struct testcase *test = &file->cases[i];
                cleanup_decision struct decision *decision = NULL;
                bool good;
                int r = policy_decide(policy, login, test->command, test->length, &path_resolver_live, &decision);

                if (r < 0)
                        return r;
                good = is_as_wanted(test, decision);
                printf("%s %zu - ", good ? "ok" : "not ok", i + 1);
                print_title(test);
                if (!good)
                        print_why(name, test, decision);
                *ret_failed += good ? 0 : 1;
        }
        return 0;
}

/* All that is wrong is said. */
static int read_cases(const char *name, struct testfile *file)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        cleanup_free char *data = NULL;
        size_t length = 0;
        int r = strcmp(name, "-") == 0 ? fd_read_all(STDIN_FILENO, TESTFILE_MOST, &data, &length)
                                       : fd_read_file(name, TESTFILE_MOST, &data, &length);

        if (r == 0)
                r = testfile_parse(name, data, length, file, &errors);
        if (r < 0)
                policy_error(&errors, name, 0, 0, "cannot be read: %s", strerror(-r));
        else if (errors.count == 0 && file->count == 0)
                policy_error(&errors, name, 0, 0, "there is no test in it");
        show_print(stderr, errors.text.data);
        return errors.count > 0 ? -EINVAL : 0;
}

int policy_test_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *policy_name = PATH_POLICY;
        const char *key = NULL;
        struct policy_login login;
        const struct ctl_option options[] = {
                { "--policy", CTL_TEXT, &policy_name },
                { "--key", CTL_TEXT, &key },
        };
        cleanup_policy struct policy *policy = NULL;
        cleanup_testfile struct testfile file = { 0 };
        cleanup_free char *path = NULL;
        size_t failed = 0;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        if (argc - first != 1)
                return ctl_usage_error(command, "expected one FILE");
        r = read_cases(argv[first], &file);
        if (r == 0)
                r = policy_file_load(policy_name, POLICY_ANY_OWNER, &policy, &path);
        if (r == 0 && key != NULL)
                r = policy_file_login(policy, key, &login);
        if (r < 0)
                return CTL_USAGE;
        r = run_cases(policy, key != NULL ? &login : NULL, argv[first], &file, &failed);
        if (r < 0)
                printf("Bail out! %s\n", strerror(-r));
        return r < 0 || failed > 0 ? CTL_FAILED : CTL_GOOD;
}
