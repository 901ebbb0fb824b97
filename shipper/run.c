#include "shipper/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/when.h"
#include "shipper/choose.h"
#include "shipper/credential.h"
#include "shipper/database.h"
#include "shipper/ship.h"
#include "shipper/store.h"

enum { CACHE_KIB = 64 };

struct setting {
        const struct options *options;
        struct auditdb *db;
        int directory;
        int64_t since_us;
};

/* Damage before wrong configuration before what time heals. */
static enum fault_status graver(enum fault_status a, enum fault_status b)
{
        static const enum fault_status order[] = { FAULT_DATA, FAULT_CONFIG, FAULT_USAGE, FAULT_LATER };

        for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
                if (a == order[i] || b == order[i])
                        return order[i];
        return FAULT_NONE;
}

static enum fault_status report(const struct fault *fault)
{
        fprintf(stderr, "diag-ship: %s\n", fault->text);
        return fault->status;
}

static void tell_result(const struct setting *setting, const struct ship *ship)
{
        const char *name = ship->sink->name;

        if (ship->dry)
                fprintf(stderr, "diag-ship: %s: would send %" PRIu64 " rows, %" PRIu64 " bytes\n", name, ship->sent,
                        ship->bytes);
        else
                fprintf(stderr, "diag-ship: %s: %" PRIu64 " rows, up to seq %" PRId64 "\n", name, ship->sent,
                        ship->seq);
        if (ship->set_aside > 0) {
                struct fault unused = { 0 };
                char dead[SHIP_NAME_SIZE] = "";

                (void)ship_name(ship->sink, "dead", dead, &unused);
                fprintf(stderr, "diag-ship: %s: %" PRIu64 " rows that it refuses were set aside in %s/%s\n", name,
                        ship->set_aside, setting->options->state, dead);
        }
}

static enum fault_status run_sink(const struct setting *setting, const struct sink_config *sink)
{
        struct fault fault = { 0 };
        struct ship ship = { .sink = sink,
                             .db = setting->db,
                             .directory = setting->directory,
                             .since_us = setting->since_us,
                             .dry = setting->options->dry_run,
                             .progress = isatty(STDERR_FILENO) == 1 };
        enum fault_status status = FAULT_NONE;

        if (ship_run(&ship, &fault) < 0)
                status = fault.status;
        tell_result(setting, &ship);
        if (status != FAULT_NONE)
                (void)report(&fault);
        return ship.set_aside > 0 ? graver(status, FAULT_DATA) : status;
}

static int check_file(const struct sink_config *sink, const char *key, const char *path, struct fault *fault)
{
        if (path == NULL || access(path, R_OK) == 0)
                return 0;
        return fault_set(fault, FAULT_CONFIG, "%s: %s: cannot read %s", sink->name, key, path);
}

static int check_secrets(const struct sink_config *sink, struct fault *fault)
{
        const char *secrets[] = { sink->password, sink->token };
        cleanup_free char *key = NULL;

        for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
                cleanup_free char *text = NULL;

                if (secrets[i] != NULL && credential_read(secrets[i], &text, fault) < 0)
                        return -1;
        }
        if (sink->private_key != NULL && credential_path(sink->private_key, &key, fault) < 0)
                return -1;
        if (check_file(sink, "ca", sink->ca, fault) < 0 ||
            check_file(sink, "certificate", sink->certificate, fault) < 0)
                return -1;
        return check_file(sink, "key", key, fault);
}

static enum fault_status check_sink(const struct setting *setting, const struct sink_config *sink)
{
        const struct ship ship = { .sink = sink, .db = setting->db, .directory = setting->directory };
        struct fault fault = { 0 };
        int64_t seq = 0;

        if (check_secrets(sink, &fault) < 0 || ship_check(&ship, &seq, &fault) < 0)
                return report(&fault);
        fprintf(stderr, "diag-ship: %s: good; acknowledged up to seq %" PRId64 "\n", sink->name, seq);
        return FAULT_NONE;
}

/* SQLite gives up after the least of what may be asked for. */
static int open_database(struct setting *setting, struct fault *fault)
{
        int64_t until = clock_monotonic_ms() + (int64_t)setting->options->wait_s * 1000;
        struct auditdb_why why = { "" };
        int r;

        do
                r = auditdb_open(setting->options->db, AUDITDB_READ, &setting->db, &why);
        while (r == -EBUSY && clock_monotonic_ms() < until);
        if (r < 0)
                return database_fault(r, &why, fault);
        auditdb_set_bound(setting->db, setting->options->wait_s * 1000);
        auditdb_set_cache(setting->db, CACHE_KIB);
        return 0;
}

static int open_all(struct setting *setting, int *lock, struct fault *fault)
{
        const struct options *options = setting->options;
        int r;

        /* Who only looks makes nothing and keeps nobody out. */
        r = options->check || options->dry_run ? store_look(options->state, &setting->directory, fault)
                                               : store_open(options->state, &setting->directory, lock, fault);
        return r < 0 ? -1 : open_database(setting, fault);
}

static enum fault_status run_choice(const struct options *options, const struct choice *choice)
{
        struct setting setting = { .options = options, .directory = -1 };
        enum fault_status status = FAULT_NONE;
        cleanup_fd int lock = -1;
        struct fault fault = { 0 };

        if (options->since != NULL && when_parse(options->since, clock_real_us(), &setting.since_us) < 0) {
                (void)fault_set(&fault, FAULT_USAGE,
                                "--since %s: expected 90m, 24h, 7d, a date, a date and time, or @SECONDS",
                                options->since);
                return report(&fault);
        }
        if (open_all(&setting, &lock, &fault) < 0)
                status = report(&fault);
        /* One sink that fails does not keep the rows from the others. */
        for (size_t i = 0; i < choice->count && fault.status == FAULT_NONE; i++)
                status = graver(status, options->check ? check_sink(&setting, choice->sinks[i])
                                                       : run_sink(&setting, choice->sinks[i]));
        auditdb_free(setting.db);
        setting.directory = fd_close(setting.directory);
        return status;
}

enum fault_status run(const struct options *options)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        cleanup_choice struct choice choice = { .count = 0 };
        struct fault fault = { 0 };

        if (choose_sinks(options, &choice, &errors, &fault) < 0) {
                fprintf(stderr, "%s", errors.text.data != NULL ? errors.text.data : "");
                return report(&fault);
        }
        if (options->batch_rows > 0)
                for (size_t i = 0; i < choice.config.count; i++)
                        choice.config.sinks[i]->batch_rows = options->batch_rows;
        return run_choice(options, &choice);
}
