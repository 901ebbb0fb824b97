#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/explain.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/policy/resolve.h"

/* A line that is too long is the decision's to refuse. */
enum { LINE_MOST = 2 * DECIDE_LINE_MOST };

/* One word is the whole line; several are joined as ssh(1) joins them. */
static void join(struct buf *line, int argc, char **argv)
{
        for (int i = 0; i < argc; i++) {
                if (i > 0)
                        buf_put_char(line, ' ');
                buf_put_text(line, argv[i]);
        }
}

static int print_decision(const struct decision *decision, bool json)
{
        cleanup_buf struct buf text = BUF_INIT(EXPLAIN_MOST);

        if (json)
                explain_put_json(&text, decision);
        else
                explain_put_text(&text, decision);
        if (text.error != 0) {
                fprintf(stderr, "diagctl: the answer cannot be built: %s\n", strerror(-text.error));
                return CTL_USAGE;
        }
        fputs(text.data, stdout);
        return decision->verdict == VERDICT_DENY ? CTL_DENIED : CTL_GOOD;
}

int policy_explain_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *file = PATH_POLICY;
        bool json = false;
        const struct ctl_option options[] = {
                { "--policy", CTL_TEXT, &file },
                { "--json", CTL_FLAG, &json },
        };
        cleanup_policy struct policy *policy = NULL;
        cleanup_decision struct decision *decision = NULL;
        cleanup_buf struct buf line = BUF_INIT(LINE_MOST);
        cleanup_free char *path = NULL;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        if (first == argc)
                return ctl_usage_error(command, "which command line?");
        join(&line, argc - first, argv + first);
        r = policy_file_load(file, POLICY_ANY_OWNER, &policy, &path);
        if (r < 0)
                return CTL_USAGE;
        r = line.error != 0 ? line.error
                            : policy_decide(policy, line.data != NULL ? line.data : "", line.length,
                                            &path_resolver_live, &decision);
        if (decision == NULL) {
                fprintf(stderr, "diagctl: the line cannot be judged: %s\n", strerror(-r));
                return CTL_USAGE;
        }
        return print_decision(decision, json);
}
