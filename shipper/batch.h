/* Some rows, ready to be sent.
 *
 * Linked by: diag-ship.
 *
 * A batch is bounded by rows and by bytes, so memory does not grow with the backlog. It is filled inside one short read
 * transaction, which ends before anything is sent.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "shipper/conf.h"
#include "shipper/fault.h"
#include "sql/export.h"

/* A row that the sink has refused for good. */
struct batch_refusal {
        size_t row; /* from 0, within the batch */
        char why[256]; /* for a person; no control characters */
};

struct batch {
        struct auditdb *db;
        const struct sink_config *sink;
        struct buf bytes; /* the rows in the sink's own form, one after the other */
        size_t *ends; /* where in `bytes` each row ends */
        size_t rows;
        size_t rows_most;
        struct batch_refusal *refusals; /* in the order of rows */
        size_t refusal_count;
        int64_t first_seq; /* row i has seq first_seq + i: the database has no gaps */
        int64_t last_seq;
        unsigned char last_hash[AUDITDB_HASH_SIZE];
};

/* Appends one row to batch->bytes in the form of a sink. 0 or -errno. */
typedef int batch_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                         const struct sink_config *sink);

/* It is closed once it has the sink's batch_bytes (one row may go past it) or batch_rows. */
int batch_init(struct batch *batch, struct auditdb *db, const struct sink_config *sink, struct fault *fault);
void batch_free(struct batch *batch);
#define cleanup_batch __attribute__((cleanup(batch_free)))

/* The rows after `after`; batch->rows is 0 when there are none. A missing row is a fault. */
int batch_fill(struct batch *batch, int64_t after, batch_format *format, struct fault *fault);

/* The bytes of one row. */
const char *batch_row(const struct batch *batch, size_t row, size_t *ret_length);

/* Sets a row aside. `why` may hold what a sink has replied: control characters are taken out of it. 0 or -ENOMEM. */
int batch_refuse(struct batch *batch, size_t row, const char *why);
