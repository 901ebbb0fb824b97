#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/clock.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/learn.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/when.h"
#include "pam_diag/policy/resolve.h"

enum { ROWS_MOST = 100000 };

static int take_row(void *context, const struct listing_denied *row)
{
        return learn_take(context, row);
}

static int read_rows(const char *path, int64_t since_us, size_t most, struct learn *learn, struct auditdb_why *why)
{
        cleanup_auditdb struct auditdb *db = NULL;
        int r = auditdb_open(path, AUDITDB_READ, &db, why);

        return r < 0 ? r : auditdb_denied(db, since_us, most, take_row, learn, why);
}

static int print_learnt(struct learn *learn, const char *path, size_t most)
{
        cleanup_buf struct buf text = BUF_INIT(LEARN_TEXT_MOST);

        buf_put_text(&text, "# From ");
        show_put(&text, path, strlen(path));
        buf_put_char(&text, '\n');
        if (learn->rows == most)
                buf_printf(&text, "# Only the newest %zu rows were read: see -n and --since.\n", most);
        learn_put(&text, learn);
        if (text.error != 0) {
                fprintf(stderr, "diagctl policy learn: the answer cannot be built: %s\n", strerror(-text.error));
                return CTL_FAILED;
        }
        fputs(text.data, stdout);
        return CTL_GOOD;
}

int policy_learn_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *db_path = PATH_DB;
        const char *file = PATH_POLICY;
        const char *since = "@0";
        size_t most = ROWS_MOST;
        const struct ctl_option options[] = {
                { "--db", CTL_TEXT, &db_path },
                { "--policy", CTL_TEXT, &file },
                { "--since", CTL_TEXT, &since },
                { "-n", CTL_COUNT, &most },
        };
        cleanup_learn struct learn learn = { .resolver = &path_resolver_live };
        cleanup_policy struct policy *policy = NULL;
        cleanup_free char *path = NULL;
        struct auditdb_why why = { "" };
        int64_t since_us = 0;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        if (when_parse(since, clock_real_us(), &since_us) < 0)
                return ctl_usage_error(
                        command, "--since %s: expected 24h, 7d, 2026-01-31, \"2026-01-31 12:00\" or @SECONDS", since);
        r = policy_file_load(file, POLICY_ANY_OWNER, &policy, &path);
        if (r < 0)
                return CTL_USAGE;
        learn.policy = policy;
        r = read_rows(db_path, since_us, most, &learn, &why);
        if (r == 0)
                return print_learnt(&learn, db_path, most);
        fputs("diagctl policy learn: ", stderr);
        show_print(stderr, why.text[0] != '\0' ? why.text : strerror(-r));
        fputc('\n', stderr);
        return CTL_FAILED;
}
