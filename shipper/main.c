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

#include "config.h"
#include "shipper/options.h"
#include "shipper/run.h"
#include "shipper/schema.h"
#include "shipper/sinks/sink.h"

static void print_help(void)
{
        printf("Usage: diag-ship [--sink NAME|SPEC…] [--config FILE] [--db FILE] [--state DIR] [--batch N] [--since "
               "WHEN]\n"
               "                 [--wait SECONDS] [--check | --dry-run] [--once]\n"
               "       diag-ship --print-schema | --help | --version\n"
               "Sends every committed audit row that a sink has not acknowledged, in order, at least once.\n\n"
               "  --sink NAME    this sink of ship.conf only (all of them without --sink)\n"
               "  --sink SPEC    an ad-hoc sink, with a cursor of its own:\n");
        for (size_t i = 0; i < sink_type_count; i++)
                printf("                   %s\n", sink_types[i]->usage);
        printf("  --config FILE  instead of " PATH_SHIP_CONF "\n"
               "  --db FILE      the audit database (" PATH_DB ")\n"
               "  --state DIR    the cursors (" PATH_SHIP_STATE ")\n"
               "  --batch N      rows in one batch, at most (%d)\n"
               "  --wait SECONDS for a database that is locked, 5 to 600 (5)\n"
               "  --since WHEN   where a sink begins that has no cursor yet: 90m, 7d, 2026-01-31, @1700000000\n"
               "  --check        only looks at the configuration, the credentials, the database and the cursors\n"
               "  --dry-run      only makes the bytes: sends nothing, moves nothing\n"
               "  --once         one run, which is what is done anyway\n"
               "  --print-schema the JSON Schema of a row\n\n"
               "Exit status: 0 all is acknowledged; 64 usage; 65 rows were set aside, or the database or a cursor is "
               "not\n"
               "what it was; 75 try again later; 78 configuration. With several sinks the gravest counts.\n",
               CONF_BATCH_ROWS);
}

int main(int argc, char **argv)
{
        struct options options = { 0 };
        struct fault fault = { 0 };

        /* A reader that went away is an error of write(2), not the end of this process. */
        (void)signal(SIGPIPE, SIG_IGN);
        if (options_parse(argc, argv, &options, &fault) < 0) {
                fprintf(stderr, "diag-ship: %s\n", fault.text);
                return (int)fault.status;
        }
        if (!options.help && !options.version && !options.print_schema)
                return (int)run(&options);
        if (options.help)
                print_help();
        else
                printf("%s", options.version ? "diag-ship " PAM_DIAG_VERSION "\n" : schema_json);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : FAULT_LATER;
}
