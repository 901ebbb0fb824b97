/* Decisions on any line. Whatever is written: an allowed argv holds no option that the rule does not have and no path that
 * is denied, a reason is one printable line, and the canonical argv, given as a line, is allowed and canonical. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/json.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/errors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
        "[paths]\nallow = /log\ndeny = /log/secret\n"
        "[command tool]\nprogram = /bin/true\nflag = -v --verbose\noption = -n --lines : integer 0..99\n"
        "option = -b[+] --boot[+] : integer -9..9\noption = --color[=] : one-of a b\noption = -f --file : path read\n"
        "option = -e : text\nnumber = -n\nrefuse = -x --exec : no\noperand = 0..3 : path list\n"
        "[command ps]\nprogram = /bin/true\nflag = -A -e\noption = --format -o : columns pid args\nbsd = aux\n"
        "bsd = p : pids\noperand = 0..2 : pids\n"
        "[command ctl]\nprogram = /bin/true\nprepend = --no-pager\nflag = --no-pager\nverb = list\nrefuse = stop : no\n"
        "[command ctl list|l]\nflag = -a\n[command ctl status|st]\noption = -n : integer 0..9\noperand = 0..3 : "
        "unit-glob\n"
        "[command ip]\nprogram = /bin/true\ndispatch = stop\nflag = -s\n[command ip link|l show|s]\noperand = 0..1 : "
        "text\n";

static void expect(int truth)
{
        if (!truth)
                abort();
}

static struct policy *load(void)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        char path[] = "/tmp/pam_diag-fuzz-XXXXXX";
        struct policy *policy = NULL;
        cleanup_fd int fd = mkstemp(path);

        expect(fd >= 0 && fd_write_all(fd, text, sizeof(text) - 1) == 0);
        if (policy_load(path, POLICY_ANY_OWNER, &errors, &policy) < 0) {
                (void)fprintf(stderr, "%s", errors.text.data);
                abort();
        }
        (void)unlink(path);
        return policy;
}

static int resolve(void *context, const char *path, char **ret_resolved, size_t *ret_known)
{
        (void)context;
        *ret_known = strlen(path);
        *ret_resolved = strdup(path);
        return *ret_resolved == NULL ? -ENOMEM : 0;
}

static const struct path_resolver resolver = { .resolve = resolve };

static void check_reason(const struct decision *decision)
{
        size_t length = decision->reason == NULL ? 0 : strlen(decision->reason);

        expect(length > 0 && decision->code != CODE_NONE);
        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(decision->reason + i, length - i, &code);

                expect(n > 0 && code >= 0x20 && !(code >= 0x7f && code < 0xa0));
                i += n;
        }
        for (size_t i = 0; i < decision->stage_count; i++)
                expect(decision->stages[i].argv == NULL);
}

static void check_argv(char *const *argv)
{
        for (size_t i = 1; argv[i] != NULL; i++) {
                expect(strcmp(argv[i], "-x") != 0 || strcmp(argv[i - 1], "-e") == 0 || strcmp(argv[0], "tool") != 0);
                if (strcmp(argv[0], "tool") == 0 && strcmp(argv[i - 1], "-e") != 0)
                        expect(strncmp(argv[i], "/log/secret/", 12) != 0 && strcmp(argv[i], "/log/secret") != 0);
        }
}

static void quote(struct buf *line, const char *word)
{
        buf_put_char(line, '\'');
        for (; *word != '\0'; word++) {
                if (*word == '\'')
                        buf_put_text(line, "'\\''");
                else
                        buf_put_char(line, *word);
        }
        buf_put_text(line, "' ");
}

/* What runs is a fixed point. */
static void decide_again(const struct policy *policy, char *const *argv)
{
        cleanup_buf struct buf line = BUF_INIT((size_t)16 * DECIDE_LINE_MOST);
        cleanup_decision struct decision *again = NULL;

        for (size_t i = 0; argv[i] != NULL; i++)
                quote(&line, argv[i]);
        if (line.error != 0 || line.length > DECIDE_LINE_MOST)
                return;
        expect(policy_decide(policy, NULL, line.data, line.length, &resolver, &again) == 0);
        if (again->code == CODE_LIMIT)
                return; /* separate values make more words than the line had */
        expect(again->verdict == VERDICT_ALLOW);
        for (size_t i = 0; argv[i] != NULL || again->stages[0].argv[i] != NULL; i++) {
                expect(argv[i] != NULL && again->stages[0].argv[i] != NULL);
                expect(strcmp(argv[i], again->stages[0].argv[i]) == 0);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct policy *policy;
        cleanup_decision struct decision *decision = NULL;

        if (policy == NULL)
                policy = load();
        expect(policy_decide(policy, NULL, (const char *)data, size, &resolver, &decision) == 0);
        if (decision->verdict == VERDICT_DENY)
                check_reason(decision);
        if (decision->verdict == VERDICT_HELP)
                expect(decision->text != NULL);
        if (decision->verdict == VERDICT_ALLOW) {
                check_argv(decision->stages[0].argv);
                decide_again(policy, decision->stages[0].argv);
        }
        return 0;
}
