/* One sink, from its cursor to the end of what is committed.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/fault.h"
#include "shipper/slug.h"
#include "shipper/sinks/sink.h"

struct ship {
        const struct sink_config *sink; /* its name names the cursor */
        struct auditdb *db;
        int directory; /* of the cursors */
        int64_t since_us; /* where a sink without a cursor begins; 0: at the first row */
        bool progress; /* on stderr, a terminal */
        bool dry; /* only makes the bytes; *bytes counts them */
        uint64_t sent; /* out: rows acknowledged in this run; of a dry run, rows that would be sent */
        uint64_t bytes; /* out, of a dry run */
        uint64_t set_aside; /* out: rows that the sink refused */
        int64_t seq; /* out: where the durable cursor stands */
};

/* 0, or -1 with *fault filled in. Rows are read, sent, confirmed, and only then is the cursor stored. */
int ship_run(struct ship *ship, struct fault *fault);

/* Loads the cursor and holds it against the database. */
int ship_check(const struct ship *ship, int64_t *ret_seq, struct fault *fault);

/* The name of the sink's file of that ending ("cursor", "dead") in the state directory. */
enum { SHIP_NAME_SIZE = SLUG_SIZE + 16 };
int ship_name(const struct sink_config *sink, const char *ending, char ret_name[SHIP_NAME_SIZE], struct fault *fault);
