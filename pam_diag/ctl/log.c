#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/filter.h"
#include "pam_diag/ctl/follow.h"
#include "pam_diag/ctl/rows.h"
#include "pam_diag/ctl/show.h"

enum { LOG_ROWS = 20, FOLLOW_ROWS = 1000 };

struct log {
        const char *path;
        size_t most;
        bool follow;
        struct filter_words words;
        struct filter filter;
        struct rows_style style;
};

static int take_seq(void *context, const struct auditdb_row *row)
{
        *(int64_t *)context = row->seq;
        return 0;
}

/* *seen becomes the number of a row such that it, and every one before it, has been looked at: what is printed was committed before
 * the look, and rows are committed in the order of their numbers. */
static int print_newest(const struct log *log, struct auditdb *db, int64_t *seen, struct auditdb_why *why)
{
        cleanup_free int64_t *seqs = NULL;
        size_t count = 0;
        int r = auditdb_last(db, 1, take_seq, seen, why);

        if (r == 0)
                r = auditdb_select_newest(db, &log->filter.select, log->most, &seqs, &count, why);
        if (r == 0)
                r = rows_print(db, &log->style, seqs, count, why);
        if (r == 0 && count > 0 && seqs[count - 1] > *seen)
                *seen = seqs[count - 1];
        return r;
}

static int print_since(const struct log *log, struct auditdb *db, int64_t *seen, struct auditdb_why *why)
{
        int64_t last = *seen;
        size_t count = 0;
        int r = 0;

        do {
                cleanup_free int64_t *seqs = NULL;

                r = auditdb_last(db, 1, take_seq, &last, why);
                if (r == 0)
                        r = auditdb_select_after(db, &log->filter.select, *seen, FOLLOW_ROWS, &seqs, &count, why);
                if (r == 0)
                        r = rows_print(db, &log->style, seqs, count, why);
                if (r == 0 && count > 0)
                        *seen = seqs[count - 1];
        } while (r == 0 && count == FOLLOW_ROWS);
        if (r == 0 && last > *seen)
                *seen = last;
        return r;
}

/* Until the reader of the output goes away, or the database does. */
static int follow(const struct log *log, struct auditdb *db, int watch, int64_t seen, struct auditdb_why *why)
{
        for (;;) {
                int r = fflush(stdout) == 0 ? follow_wait(watch, STDOUT_FILENO) : -EPIPE;

                if (r == -EPIPE)
                        return 0; /* main tells when the output could not be written */
                if (r < 0) {
                        (void)snprintf(why->text, sizeof(why->text), "cannot wait for new rows: %s", strerror(-r));
                        return r;
                }
                r = print_since(log, db, &seen, why);
                if (r < 0)
                        return r;
        }
}

/* The watch comes first: what is written after it is noticed, what was written before it is read. */
static int show(struct log *log, struct auditdb_why *why)
{
        cleanup_auditdb struct auditdb *db = NULL;
        cleanup_fd int watch = -1;
        int64_t seen = 0;
        int r = auditdb_open(log->path, AUDITDB_READ, &db, why);

        if (r == 0 && log->follow) {
                r = follow_open(log->path, &watch);
                if (r < 0)
                        (void)snprintf(why->text, sizeof(why->text), "cannot watch the directory of %s: %s", log->path,
                                       strerror(-r));
        }
        if (r == 0)
                r = filter_find_session(db, &log->words, &log->filter, why);
        if (r == 0)
                r = print_newest(log, db, &seen, why);
        if (r == 0 && log->follow)
                r = follow(log, db, watch, seen, why);
        return r;
}

int log_run(const struct ctl_command *command, int argc, char **argv)
{
        struct log log = { .path = PATH_DB };
        bool json = false;
        const struct ctl_option options[] = {
                { "-n", CTL_COUNT, &log.most },
                { "-f", CTL_FLAG, &log.follow },
                { "--json", CTL_FLAG, &json },
                { "--db", CTL_TEXT, &log.path },
                { "--since", CTL_TEXT, &log.words.since },
                { "--until", CTL_TEXT, &log.words.until },
                { "--session", CTL_TEXT, &log.words.session },
                { "--user", CTL_TEXT, &log.words.user },
                { "--key", CTL_TEXT, &log.words.key },
                { "--client", CTL_TEXT, &log.words.client },
                { "--verdict", CTL_TEXT, &log.words.verdict },
                { "--rule", CTL_TEXT, &log.words.rule },
                { "--path", CTL_TEXT, &log.words.path },
        };
        struct auditdb_why why = { "" };
        int first = 0;
        int status;

        if (ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first) < 0)
                return CTL_USAGE;
        status = filter_read(command, &log.words, &log.filter);
        if (status != CTL_GOOD)
                return status;
        if (log.most == 0)
                log.most = log.words.since != NULL || log.words.session != NULL ? SIZE_MAX : LOG_ROWS;
        log.style = rows_style_here(json, false);
        if (show(&log, &why) == 0)
                return CTL_GOOD;
        return ctl_why(command, why.text);
}
