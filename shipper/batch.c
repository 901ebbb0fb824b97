#include "shipper/batch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/database.h"
#include "shipper/fields.h"

/* Room for one row of the largest size after a batch that is nearly full, in the wordiest form. */
enum { ROW_MOST = 12 * AUDITDB_REC_MOST };

int batch_init(struct batch *batch, struct auditdb *db, const struct sink_config *sink, struct fault *fault)
{
        *batch = (struct batch){
                .db = db, .sink = sink, .bytes = BUF_INIT(sink->batch_bytes + ROW_MOST), .rows_most = sink->batch_rows
        };
        batch->ends = calloc(batch->rows_most, sizeof(*batch->ends));
        if (batch->ends == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        return 0;
}

void batch_free(struct batch *batch)
{
        buf_free(&batch->bytes);
        free(batch->ends);
        free(batch->refusals);
        batch->ends = NULL;
        batch->refusals = NULL;
        batch->refusal_count = 0;
}

const char *batch_row(const struct batch *batch, size_t row, size_t *ret_length)
{
        size_t begin = row == 0 ? 0 : batch->ends[row - 1];

        *ret_length = batch->ends[row] - begin;
        return batch->bytes.data + begin;
}

static void copy_line(char *to, size_t size, const char *from)
{
        size_t n = 0;

        for (; *from != '\0' && n + 1 < size; from++)
                to[n++] = (unsigned char)*from < 0x20 || (unsigned char)*from >= 0x7f ? '?' : *from;
        to[n] = '\0';
}

int batch_refuse(struct batch *batch, size_t row, const char *why)
{
        struct batch_refusal *larger;
        size_t at = batch->refusal_count;

        larger = reallocarray(batch->refusals, batch->refusal_count + 1, sizeof(*larger));
        if (larger == NULL)
                return -ENOMEM;
        batch->refusals = larger;
        for (; at > 0 && larger[at - 1].row > row; at--)
                larger[at] = larger[at - 1];
        larger[at].row = row;
        copy_line(larger[at].why, sizeof(larger[at].why), why);
        batch->refusal_count++;
        return 0;
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
        r = filling->format(&batch->bytes, batch->db, row, batch->sink);
        if (r < 0)
                return r;
        if (batch->rows == 0)
                batch->first_seq = row->row.seq;
        batch->last_seq = row->row.seq;
        memcpy(batch->last_hash, row->row.hash, sizeof(batch->last_hash));
        batch->ends[batch->rows++] = batch->bytes.length;
        filling->expected++;
        return batch->bytes.length >= batch->sink->batch_bytes || batch->rows == batch->rows_most ? 1 : 0;
}

int batch_fill(struct batch *batch, int64_t after, batch_format *format, struct fault *fault)
{
        struct filling filling = { .batch = batch, .format = format, .expected = after + 1 };
        struct auditdb_why why = { "" };
        int r;

        /* One giant row must not keep its memory for the rest of the run. */
        if (batch->bytes.size > 4 * batch->sink->batch_bytes)
                buf_free(&batch->bytes);
        buf_clear(&batch->bytes);
        /* At once: what a buffer grows out of stays with the process. Pages that are not written to take no memory. */
        (void)buf_room(&batch->bytes, batch->sink->batch_bytes);
        batch->rows = 0;
        batch->refusal_count = 0;
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
