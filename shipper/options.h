/* The command line of diag-ship.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shipper/fault.h"

enum { OPTIONS_SINKS_MOST = 16, OPTIONS_BATCH_MOST = 100000 };

struct options {
        const char *db;
        const char *state;
        const char *sinks[OPTIONS_SINKS_MOST];
        size_t sink_count;
        size_t batch_rows;
        bool help;
        bool version;
};

/* 0, or -1 with *fault (FAULT_USAGE). Pointers are into argv. */
int options_parse(int argc, char *const *argv, struct options *ret_options, struct fault *fault);
