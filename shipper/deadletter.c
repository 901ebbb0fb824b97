#include "shipper/deadletter.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/json.h"
#include "shipper/append.h"
#include "shipper/database.h"
#include "shipper/fields.h"
#include "shipper/line.h"
#include "sql/owner.h"

struct letter {
        struct buf *buf;
        struct auditdb *db;
        int64_t seq;
};

static int put_row(void *context, const struct export_row *row)
{
        struct letter *letter = context;

        return row->row.seq == letter->seq ? line_put(letter->buf, letter->db, row, 0) : -ENODATA;
}

static int put_letter(struct buf *buf, const struct batch *batch, const struct batch_refusal *refusal,
                      struct fault *fault)
{
        struct letter letter = { .buf = buf, .db = batch->db, .seq = batch->first_seq + (int64_t)refusal->row };
        struct auditdb_why why = { "" };
        size_t before;
        int r;

        buf_put_text(buf, "{\"sink\":");
        json_put_text(buf, batch->sink->name);
        buf_put_text(buf, ",\"why\":");
        json_put_text(buf, refusal->why);
        buf_put_text(buf, ",\"row\":");
        before = buf->length;
        r = auditdb_export(batch->db, &fields_table, letter.seq - 1, 1, put_row, &letter, &why);
        if (r == 0 && buf->length == before)
                r = -ENODATA;
        if (r < 0 && why.text[0] != '\0')
                return database_fault(r, &why, fault);
        if (r < 0)
                return fault_set(fault, FAULT_DATA, "row %" PRId64 ", which %s has refused, cannot be set aside: %s",
                                 letter.seq, batch->sink->name, strerror(-r));
        /* The line's newline stands behind the closing brace. */
        buf->length--;
        buf_put_text(buf, "}\n");
        return buf->error < 0 ? fault_set(fault, FAULT_LATER, "out of memory") : 0;
}

static int cannot(const struct batch *batch, const char *name, const char *doing, int error, struct fault *fault)
{
        return fault_set(fault, FAULT_LATER, "%s: rows that it refused cannot be set aside in %s: %s: %s",
                         batch->sink->name, name, doing, strerror(-error));
}

int deadletter_store(int directory, const char *name, const struct batch *batch, struct fault *fault)
{
        cleanup_buf struct buf buf = BUF_INIT((size_t)16 * AUDITDB_REC_MOST);
        cleanup_fd int fd = -1;
        const char *doing = NULL;
        int r = append_open(directory, name, 0600, &fd, &doing);

        if (r < 0)
                return cannot(batch, name, doing, r, fault);
        r = owner_as(fd, directory);
        for (size_t i = 0; i < batch->refusal_count && r == 0; i++) {
                buf_clear(&buf);
                if (put_letter(&buf, batch, &batch->refusals[i], fault) < 0)
                        return -1;
                r = fd_write_all(fd, buf.data, buf.length);
        }
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        return r < 0 ? cannot(batch, name, "cannot write", r, fault) : 0;
}
