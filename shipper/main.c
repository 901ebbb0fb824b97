/* diag-ship: exports the audit rows that a sink has not acknowledged yet.
 *
 * Runs as   diag-audit (or root), from a timer, inside the sandbox of its unit.
 * Trusts    the audit database, the state directory, ship.conf, its command line.
 * Never     writes to the database or checkpoints it, holds a read transaction while it sends, moves a cursor before
 *           the sink has acknowledged, trusts the text inside a record or a sink's reply.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "shipper/choose.h"
#include "shipper/database.h"
#include "shipper/options.h"
#include "shipper/ship.h"
#include "shipper/store.h"

static void print_help(void)
{
        printf("Usage: diag-ship [--sink NAME|SPEC…] [--config FILE] [--db FILE] [--state DIR] [--batch N]\n"
               "Sends every committed audit row that a sink has not acknowledged, in order, at least once.\n\n"
               "  --sink NAME    this sink of ship.conf only (all of them without --sink)\n"
               "  --sink SPEC    an ad-hoc sink, with a cursor of its own:\n");
        for (size_t i = 0; i < sink_type_count; i++)
                printf("                   %s\n", sink_types[i]->usage);
        printf("  --config FILE  instead of " PATH_SHIP_CONF "\n"
               "  --db FILE      the audit database (" PATH_DB ")\n"
               "  --state DIR    the cursors (" PATH_SHIP_STATE ")\n"
               "  --batch N      rows in one batch, at most (%d)\n"
               "  --help, --version\n\n"
               "Exit status: 0 all is acknowledged; 64 usage; 65 the database or a cursor is not what it was;\n"
               "75 try again later; 78 configuration (paths, permissions). With several sinks the gravest counts.\n",
               CONF_BATCH_ROWS);
}

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

static enum fault_status run_sink(const struct sink_config *sink, struct auditdb *db, int directory)
{
        struct fault fault = { 0 };
        struct ship ship = { .sink = sink, .db = db, .directory = directory, .progress = isatty(STDERR_FILENO) == 1 };
        int r = ship_run(&ship, &fault);

        if (ship.progress && ship.sent > 0)
                fputc('\n', stderr);
        fprintf(stderr, "diag-ship: %s: %llu rows, up to seq %lld\n", sink->name, (unsigned long long)ship.sent,
                (long long)ship.seq);
        return r < 0 ? report(&fault) : FAULT_NONE;
}

static enum fault_status run(const struct options *options, const struct choice *choice)
{
        cleanup_auditdb struct auditdb *db = NULL;
        cleanup_fd int directory = -1;
        cleanup_fd int lock = -1;
        enum fault_status status = FAULT_NONE;
        struct auditdb_why why = { "" };
        struct fault fault = { 0 };
        int r;

        if (store_open(options->state, &directory, &lock, &fault) < 0)
                return report(&fault);
        r = auditdb_open(options->db, AUDITDB_READ, &db, &why);
        if (r < 0) {
                (void)database_fault(r, &why, &fault);
                return report(&fault);
        }
        /* One sink that fails does not keep the rows from the others. */
        for (size_t i = 0; i < choice->count; i++)
                status = graver(status, run_sink(choice->sinks[i], db, directory));
        return status;
}

static enum fault_status choose_and_run(const struct options *options)
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
        return run(options, &choice);
}

int main(int argc, char **argv)
{
        struct options options = { 0 };
        struct fault fault = { 0 };

        /* A reader that went away is an error of write(2), not the end of this process. */
        (void)signal(SIGPIPE, SIG_IGN);
        if (options_parse(argc, argv, &options, &fault) < 0)
                return (int)report(&fault);
        if (options.help || options.version) {
                if (options.help)
                        print_help();
                else
                        printf("diag-ship " PAM_DIAG_VERSION "\n");
                return fflush(stdout) == 0 ? EXIT_SUCCESS : FAULT_LATER;
        }
        return (int)choose_and_run(&options);
}
