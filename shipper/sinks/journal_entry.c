#include "shipper/sinks/journal_entry.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <syslog.h>

#include "shipper/fields.h"
#include "shipper/message.h"
#include "shipper/text.h"

/* One id for each kind (sd-id128(3)): frozen, `journalctl MESSAGE_ID=…` finds them. */
static const struct {
        const char *kind;
        const char *id;
} messages[] = {
        { "open", "6b1c0f3e27d94f0c9a3d5b8e41f7a201" },  { "exec", "6b1c0f3e27d94f0c9a3d5b8e41f7a202" },
        { "child", "6b1c0f3e27d94f0c9a3d5b8e41f7a203" }, { "monitor", "6b1c0f3e27d94f0c9a3d5b8e41f7a204" },
        { "exit", "6b1c0f3e27d94f0c9a3d5b8e41f7a205" },  { "close", "6b1c0f3e27d94f0c9a3d5b8e41f7a206" },
};

/* Room for the field's length, filled in by field_end. */
static size_t field_begin(struct buf *buf, const char *key)
{
        size_t at = buf->length;
        size_t length = 0;

        buf_put(buf, &length, sizeof(length));
        buf_put_text(buf, key);
        buf_put_char(buf, '=');
        return at;
}

static void field_end(struct buf *buf, size_t at)
{
        size_t length;

        if (buf->error < 0)
                return;
        length = buf->length - at - sizeof(length);
        memcpy(buf->data + at, &length, sizeof(length));
}

static void put_text(struct buf *buf, const char *key, const char *text)
{
        size_t at = field_begin(buf, key);

        buf_put_text(buf, text);
        field_end(buf, at);
}

static void put_number(struct buf *buf, const char *key, int64_t number)
{
        size_t at = field_begin(buf, key);

        buf_printf(buf, "%" PRId64, number);
        field_end(buf, at);
}

static void put_field(struct buf *buf, const char *key, const struct export_row *row, enum field_id id)
{
        const struct export_value *value = fields_find(row, id);
        size_t at;

        if (value == NULL)
                return;
        at = field_begin(buf, key);
        if (value->field->type == EXPORT_INTEGER)
                buf_printf(buf, "%" PRId64, value->integer);
        else
                text_put_replaced(buf, value->text, value->length);
        field_end(buf, at);
}

static void put_message(struct buf *buf, const struct export_row *row)
{
        size_t at = field_begin(buf, "MESSAGE");

        message_put(buf, row);
        field_end(buf, at);
}

static void put_record(struct buf *buf, const struct auditdb *db, const struct export_row *row)
{
        size_t at = field_begin(buf, "DIAG_RECORD_UID");

        buf_printf(buf, "%s:%" PRId64, auditdb_uuid(db), row->row.seq);
        field_end(buf, at);
        at = field_begin(buf, "DIAG_TIME");
        text_put_time(buf, row->time_us);
        field_end(buf, at);
        at = field_begin(buf, "DIAG_CHAIN");
        text_put_hex(buf, row->row.hash, AUDITDB_HASH_SIZE);
        field_end(buf, at);
        at = field_begin(buf, "DIAG_REC");
        buf_put(buf, row->row.rec, row->row.rec_length);
        field_end(buf, at);
}

int journal_entry_put(struct buf *buf, struct auditdb *db, const struct export_row *row)
{
        put_message(buf, row);
        for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
                if (strcmp(messages[i].kind, row->kind) == 0)
                        put_text(buf, "MESSAGE_ID", messages[i].id);
        put_number(buf, "PRIORITY", message_is_warning(row) ? LOG_WARNING : LOG_INFO);
        put_number(buf, "SYSLOG_FACILITY", LOG_AUTHPRIV >> 3);
        put_text(buf, "SYSLOG_IDENTIFIER", "pam_diag");
        put_text(buf, "DIAG_DB", auditdb_uuid(db));
        put_number(buf, "DIAG_SEQ", row->row.seq);
        put_text(buf, "DIAG_EVENT", row->kind);
        put_text(buf, "DIAG_SESSION", row->session);
        put_field(buf, "DIAG_INVOCATION", row, FIELD_INVOCATION);
        put_field(buf, "DIAG_USER", row, FIELD_USER);
        put_field(buf, "DIAG_CLIENT", row, FIELD_CLIENT);
        put_field(buf, "DIAG_KEY", row, FIELD_KEY);
        put_field(buf, "DIAG_VERDICT", row, FIELD_VERDICT);
        put_field(buf, "DIAG_RULE", row, FIELD_RULE);
        put_record(buf, db, row);
        return buf->error;
}

size_t journal_entry_fields(char *bytes, size_t length, struct iovec fields[JOURNAL_FIELDS_MOST])
{
        size_t count = 0;
        size_t at = 0;

        while (at < length && count < JOURNAL_FIELDS_MOST) {
                size_t size;

                memcpy(&size, bytes + at, sizeof(size));
                at += sizeof(size);
                fields[count++] = (struct iovec){ .iov_base = bytes + at, .iov_len = size };
                at += size;
        }
        return count;
}
