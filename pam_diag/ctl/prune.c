#include "sql/prune.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "pam_diag/ctl/backlog.h"
#include "pam_diag/ctl/ballast.h"
#include "pam_diag/ctl/bytes.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/when.h"

enum { BALLAST_BYTES = 16 * 1024 * 1024 };

struct options {
        const char *db;
        const char *state;
        const char *config;
        const char *keep;
        const char *size;
        const char *ballast;
        bool no_sinks;
};

/* What the options and the sinks come to. */
struct job {
        struct prune prune;
        struct backlog backlog;
        char *names[BACKLOG_SINKS_MOST + 1];
        const char *slowest; /* the sink that has come least far */
        uint64_t ballast;
        char *ballast_path;
        bool released;
};

static void job_clear(struct job *job)
{
        backlog_free(&job->backlog);
        free(job->ballast_path);
}

static int64_t login_uid(void)
{
        cleanup_free char *text = NULL;
        size_t length = 0;
        uint64_t uid = 0;

        if (fd_read_file("/proc/self/loginuid", 64, &text, &length) < 0 ||
            num_parse_u64(text, 0, UINT32_MAX - 1, &uid) < 0)
                return -1;
        return (int64_t)uid;
}

/* 0, or CTL_USAGE, which has been said. */
static int judge(const struct ctl_command *command, const struct options *options, struct job *job)
{
        if (options->keep == NULL && options->size == NULL)
                return ctl_usage_error(command, "--keep or --size, or both, must be given");
        if (options->keep != NULL && when_parse(options->keep, clock_real_us(), &job->prune.before_us) < 0)
                return ctl_usage_error(command, "--keep %s: expected an age such as 90d", options->keep);
        if (options->size != NULL &&
            (bytes_parse(options->size, &job->prune.size_most) < 0 || job->prune.size_most == 0))
                return ctl_usage_error(command, "--size %s: expected a size such as 2G", options->size);
        if (options->ballast != NULL && bytes_parse(options->ballast, &job->ballast) < 0)
                return ctl_usage_error(command, "--ballast %s: expected a size such as 16M, or 0", options->ballast);
        return 0;
}

/* The row up to which every sink has everything: what may go. -errno with *why; -ENODATA when the sinks do not allow it at all. */
static int ask_sinks(const struct options *options, struct auditdb *db, struct job *job, struct auditdb_why *why)
{
        int r = backlog_read(options->config, options->state, &job->backlog, why);

        job->prune.through = INT64_MAX;
        job->prune.sinks = job->names;
        for (size_t i = 0; r == 0 && i < job->backlog.count; i++) {
                int64_t seq = 0;

                r = backlog_seq(&job->backlog.sinks[i], db, &seq, why);
                job->names[i] = job->backlog.sinks[i].name;
                if (seq < job->prune.through) {
                        job->prune.through = seq;
                        job->prune.spare = seq;
                        job->slowest = job->backlog.sinks[i].name;
                }
        }
        if (r < 0 || (job->backlog.count > 0) != options->no_sinks)
                return r;
        if (options->no_sinks)
                (void)snprintf(
                        why->text, sizeof(why->text),
                        "--no-sinks, but there are: `%.200s` for one; what a sink has not acknowledged is not pruned",
                        job->backlog.sinks[0].name);
        else
                (void)snprintf(
                        why->text, sizeof(why->text),
                        "no sink is named in %.150s and none has a cursor in %.150s: the records are nowhere else; "
                        "--no-sinks prunes them all the same",
                        options->config, options->state);
        return -ENODATA;
}

static bool release(struct job *job)
{
        if (job->released || ballast_release(job->ballast_path) < 0)
                return false;
        job->released = true;
        return true;
}

/* On a full disk first the ballast is given back, then it is tried with ever fewer rows at once. */
static int prune(struct job *job, struct auditdb *db, struct prune_result *result, struct auditdb_why *why)
{
        for (;;) {
                int r = auditdb_prune(db, &job->prune, result, why);

                if (r != -ENOSPC)
                        return r;
                if (release(job))
                        continue;
                if (job->prune.chunk <= PRUNE_CHUNK_LEAST)
                        return r;
                job->prune.chunk /= 2;
        }
}

static int report(const struct ctl_command *command, const struct job *job, const struct prune_result *result)
{
        char size[BYTES_TEXT_SIZE];
        struct auditdb_why why = { "" };

        bytes_print(result->size, size);
        printf("pruned %" PRId64 " rows, the last one that is gone is %" PRId64 "; the others take %s\n", result->rows,
               result->anchor, size);
        if (result->stopped)
                (void)snprintf(why.text, sizeof(why.text),
                               "more was to go, but sink %.200s has acknowledged up to row %" PRId64 " only",
                               job->slowest, job->prune.through);
        else if (job->prune.size_most > 0 && result->size > job->prune.size_most)
                (void)snprintf(why.text, sizeof(why.text), "the size that was asked for cannot be had");
        return why.text[0] != '\0' ? ctl_why(command, why.text) : CTL_GOOD;
}

static int open_db(const struct options *options, struct job *job, struct auditdb **ret_db, struct auditdb_why *why)
{
        int r;

        job->ballast_path = ballast_path(options->db);
        if (job->ballast_path == NULL) {
                (void)snprintf(why->text, sizeof(why->text), "out of memory");
                return -ENOMEM;
        }
        /* A pruner makes no database. */
        if (access(options->db, F_OK) < 0) {
                (void)snprintf(why->text, sizeof(why->text), "%s: %s", options->db, strerror(errno));
                return -ENOENT;
        }
        r = auditdb_open(options->db, AUDITDB_WRITE, ret_db, why);
        return r == -ENOSPC && release(job) ? auditdb_open(options->db, AUDITDB_WRITE, ret_db, why) : r;
}

static int run(const struct ctl_command *command, const struct options *options)
{
        __attribute__((cleanup(job_clear))) struct job job = {
                .prune = { .uid = getuid(), .auid = login_uid(), .chunk = PRUNE_CHUNK },
                .ballast = BALLAST_BYTES,
        };
        cleanup_auditdb struct auditdb *db = NULL;
        struct prune_result result = { 0 };
        struct auditdb_why why = { "" };
        int status = judge(command, options, &job);
        int r;

        if (status != 0)
                return status;
        r = open_db(options, &job, &db, &why);
        if (r == 0)
                r = ask_sinks(options, db, &job, &why);
        if (r == -ENODATA)
                return ctl_usage_error(command, "%s", why.text);
        if (r == 0)
                r = prune(&job, db, &result, &why);
        if (r < 0)
                return ctl_why(command, why.text);
        status = report(command, &job, &result);
        r = ballast_make(job.ballast_path, job.ballast);
        if (r < 0) {
                (void)snprintf(why.text, sizeof(why.text), "cannot make the ballast %s: %s", job.ballast_path,
                               strerror(-r));
                return ctl_why(command, why.text);
        }
        return status;
}

int prune_run(const struct ctl_command *command, int argc, char **argv)
{
        struct options given = { .db = PATH_DB, .state = PATH_SHIP_STATE, .config = PATH_SHIP_CONF };
        const struct ctl_option options[] = {
                { "--keep", CTL_TEXT, &given.keep },
                { "--size", CTL_TEXT, &given.size },
                { "--no-sinks", CTL_FLAG, &given.no_sinks },
                { "--ballast", CTL_TEXT, &given.ballast },
                { "--db", CTL_TEXT, &given.db },
                { "--state", CTL_TEXT, &given.state },
                { "--ship-conf", CTL_TEXT, &given.config },
        };
        int first = 0;

        if (ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first) < 0)
                return CTL_USAGE;
        return run(command, &given);
}
