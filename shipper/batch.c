#include "shipper/batch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/database.h"
#include "shipper/fields.h"

/* Room for one row of the largest size after a batch that is nearly full, in the wordiest form. */
enum { BYTES_MOST = BATCH_BYTES + 12 * AUDITDB_REC_MOST };

int batch_init(struct batch *batch, struct auditdb *db, size_t rows_most, struct fault *fault)
{
        *batch = (struct batch){ .db = db, .bytes = BUF_INIT(BYTES_MOST), .rows_most = rows_most };
        batch->ends = calloc(rows_most, sizeof(*batch->ends));
        if (batch->ends == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        return 0;
}

void batch_free(struct batch *batch)
{
        buf_free(&batch->bytes);
        free(batch->ends);
        batch->ends = NULL;
}

struct filling {
        struct batch *batch;
        batch_format *format;
        int64_t expected;
};

static int fill_row(void *context, const struct export_row *row)
{
        struct filling *filling = context;
        struct batch *batch = filling->batch;
        int r;

        if (row->row.seq != filling->expected)
                return -ENODATA;
        r = filling->format(&batch->bytes, batch->db, row);
        if (r < 0)
                return r;
        if (batch->rows == 0)
                batch->first_seq = row->row.seq;
        batch->last_seq = row->row.seq;
        memcpy(batch->last_hash, row->row.hash, sizeof(batch->last_hash));
        batch->ends[batch->rows++] = batch->bytes.length;
        filling->expected++;
        return batch->bytes.length >= BATCH_BYTES || batch->rows == batch->rows_most ? 1 : 0;
}

int batch_fill(struct batch *batch, int64_t after, batch_format *format, struct fault *fault)
{
        struct filling filling = { .batch = batch, .format = format, .expected = after + 1 };
        struct auditdb_why why = { "" };
        int r;

        /* One giant row must not keep its memory for the rest of the run. */
        if (batch->bytes.size > 4 * (size_t)BATCH_BYTES)
                buf_free(&batch->bytes);
        buf_clear(&batch->bytes);
        batch->rows = 0;
        r = auditdb_export(batch->db, &fields_table, after, batch->rows_most, fill_row, &filling, &why);
        if (r == 0)
                return 0;
        if (r == -ENODATA)
                return fault_set(fault, FAULT_DATA,
                                 "the audit database has no row %" PRId64
                                 ", but later ones: rows were removed before they "
                                 "were sent",
                                 filling.expected);
        if (why.text[0] != '\0')
                return database_fault(r, &why, fault);
        return fault_set(fault, FAULT_DATA, "row %" PRId64 " cannot be written as a line: %s", filling.expected,
                         strerror(-r));
}
