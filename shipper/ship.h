/* One sink, from its cursor to the end of what is committed.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/fault.h"
#include "shipper/sinks/sink.h"

struct ship {
        const struct sink_config *sink;
        struct auditdb *db;
        int directory; /* of the cursors */
        bool progress; /* on stderr, a terminal */
        uint64_t sent; /* out: rows acknowledged in this run */
        int64_t seq; /* out: where the cursor stands */
};

/* 0, or -1 with *fault filled in. Rows are read, sent, confirmed, and only then is the cursor stored. */
int ship_run(struct ship *ship, struct fault *fault);
