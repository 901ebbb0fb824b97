/* The command line of diag-ship.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shipper/fault.h"

enum {
        OPTIONS_SINKS_MOST = 16,
        OPTIONS_BATCH_MOST = 100000,
        OPTIONS_WAIT_LEAST_S = 5, /* as long as a writer waits for the others */
        OPTIONS_WAIT_MOST_S = 600,
};

struct options {
        const char *db;
        const char *state;
        const char *config; /* of ship.conf */
        bool config_given;
        const char *sinks[OPTIONS_SINKS_MOST]; /* names of ship.conf, or specs (with a colon) */
        size_t sink_count; /* 0: every sink of ship.conf */
        unsigned batch_rows; /* 0: as the sink has it */
        const char *since; /* or NULL */
        unsigned wait_s; /* for a database that another process has locked */
        bool check;
        bool dry_run;
        bool print_schema;
        bool help;
        bool version;
};

/* 0, or -1 with *fault (FAULT_USAGE). Pointers are into argv. */
int options_parse(int argc, char *const *argv, struct options *ret_options, struct fault *fault);
