/* Some rows, ready to be sent.
 *
 * Linked by: diag-ship.
 *
 * A batch is bounded by rows and by bytes, so memory does not grow with the backlog. It is filled inside one short read
 * transaction, which ends before anything is sent.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "shipper/fault.h"
#include "sql/export.h"

enum {
        BATCH_ROWS = 2000, /* at most, unless --batch says otherwise */
        BATCH_BYTES = 1024 * 1024, /* a batch is closed once it has this many; one row may go past it */
};

struct batch {
        struct auditdb *db;
        struct buf bytes; /* the rows in the sink's own form, one after the other */
        size_t *ends; /* where in `bytes` each row ends */
        size_t rows;
        size_t rows_most;
        int64_t first_seq;
        int64_t last_seq;
        unsigned char last_hash[AUDITDB_HASH_SIZE];
};

/* Appends one row to batch->bytes in the form of a sink. 0 or -errno. */
typedef int batch_format(struct buf *buf, struct auditdb *db, const struct export_row *row);

int batch_init(struct batch *batch, struct auditdb *db, size_t rows_most, struct fault *fault);
void batch_free(struct batch *batch);
#define cleanup_batch __attribute__((cleanup(batch_free)))

/* The rows after `after`; batch->rows is 0 when there are none. A missing row is a fault. */
int batch_fill(struct batch *batch, int64_t after, batch_format *format, struct fault *fault);
