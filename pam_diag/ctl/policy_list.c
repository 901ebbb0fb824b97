#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/policy/resolve.h"

/* As a shell's word in single quotes, whatever it holds. */
static void put_quoted(struct buf *line, const char *word)
{
        buf_put_text(line, " '");
        for (; *word != '\0'; word++) {
                if (*word == '\'')
                        buf_put_text(line, "'\\'");
                buf_put_char(line, *word);
        }
        buf_put_char(line, '\'');
}

static int print_answer(const struct decision *decision)
{
        if (decision->verdict == VERDICT_HELP) {
                show_print(stdout, decision->text);
                return CTL_GOOD;
        }
        fputs("diagctl policy list: ", stderr);
        show_print(stderr, decision->reason);
        if (decision->hint != NULL) {
                fputs(". ", stderr);
                show_print(stderr, decision->hint);
        }
        fputc('\n', stderr);
        return CTL_FAILED;
}

/* The question is put as a session would put it, so that both get the same answer. */
int policy_list_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *file = PATH_POLICY;
        const char *key = NULL;
        struct policy_login login;
        const struct ctl_option options[] = {
                { "--policy", CTL_TEXT, &file },
                { "--key", CTL_TEXT, &key },
        };
        cleanup_policy struct policy *policy = NULL;
        cleanup_decision struct decision *decision = NULL;
        cleanup_buf struct buf line = BUF_INIT((size_t)2 * DECIDE_LINE_MOST);
        cleanup_free char *path = NULL;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        buf_put_text(&line, "help");
        for (int i = first; i < argc; i++)
                put_quoted(&line, argv[i]);
        if (line.error != 0)
                return ctl_usage_error(command, "the words are too long");
        r = policy_file_load(file, POLICY_ANY_OWNER, &policy, &path);
        if (r == 0 && key != NULL)
                r = policy_file_login(policy, key, &login);
        if (r < 0)
                return CTL_USAGE;
        r = policy_decide(policy, key != NULL ? &login : NULL, line.data, line.length, &path_resolver_live, &decision);
        if (decision == NULL) {
                fprintf(stderr, "diagctl policy list: %s\n", strerror(-r));
                return CTL_USAGE;
        }
        return print_answer(decision);
}
