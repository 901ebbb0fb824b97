#include "shipper/sinks/otlp_record.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "shipper/line.h"
#include "shipper/message.h"
#include "shipper/otel.h"
#include "shipper/text.h"

enum { TEXT_MOST = 16 * 1024 * 1024 };

struct record {
        struct buf *buf;
        struct auditdb *db;
        bool shortened;
};

static void put_key(struct buf *buf, const char *name, size_t length)
{
        buf_put_text(buf, "{\"key\":");
        text_put_quoted(buf, name, length);
        buf_put_text(buf, ",\"value\":{");
}

void otlp_put_string(struct buf *buf, const char *name, size_t name_length, const char *text, size_t length)
{
        put_key(buf, name, name_length);
        buf_put_text(buf, "\"stringValue\":");
        text_put_quoted(buf, text, length);
        buf_put_text(buf, "}}");
}

/* All but the first attribute have a comma before them. */
static void put_name(struct buf *buf, const char *name, const char *suffix)
{
        buf_printf(buf, ",{\"key\":\"%s%s\",\"value\":{", name, suffix);
}

static int put_text(const struct record *record, const struct export_value *value)
{
        cleanup_buf struct buf readable = BUF_INIT(TEXT_MOST);
        size_t length = record->shortened ? line_cut(value->text, value->length) : value->length;

        put_name(record->buf, value->field->name, "");
        buf_put_text(record->buf, "\"stringValue\":");
        if (!text_has_bytes(value->text, length)) {
                text_put_string(record->buf, value->text, length);
                buf_put_text(record->buf, "}}");
                return 0;
        }
        text_put_replaced(&readable, value->text, length);
        if (readable.error < 0)
                return readable.error;
        text_put_string(record->buf, readable.data, readable.length);
        buf_put_text(record->buf, "}}");
        put_name(record->buf, value->field->name, "_base64");
        buf_put_text(record->buf, "\"stringValue\":\"");
        text_put_base64(record->buf, value->text, length);
        buf_put_text(record->buf, "\"}}");
        return 0;
}

/* The list's own strings, each with its quotation marks and escapes as it is. */
static void put_items(const struct record *record, const char *list, size_t length)
{
        const char *at = list;
        const char *token;
        size_t token_length;
        bool any = false;
        size_t used = 0;

        buf_put_text(record->buf, "\"arrayValue\":{\"values\":[");
        while (text_next_item(&at, list + length, &token, &token_length)) {
                used += token_length;
                if (record->shortened && line_cut(list, used) < used)
                        break;
                buf_put_text(record->buf, any ? ",{\"stringValue\":" : "{\"stringValue\":");
                buf_put(record->buf, token, token_length);
                buf_put_char(record->buf, '}');
                any = true;
        }
        buf_put_text(record->buf, "]}}}");
}

struct items {
        struct buf *buf;
        bool any;
};

static int put_base64(void *context, const char *text, size_t length)
{
        struct items *items = context;

        buf_put_text(items->buf, items->any ? ",{\"stringValue\":\"" : "{\"stringValue\":\"");
        text_put_base64(items->buf, text, length);
        buf_put_text(items->buf, "\"}");
        items->any = true;
        return 0;
}

static int put_list(const struct record *record, const struct export_value *value)
{
        cleanup_buf struct buf readable = BUF_INIT(TEXT_MOST);
        struct items items = { .buf = record->buf };
        int r;

        put_name(record->buf, value->field->name, "");
        if (!text_has_bytes(value->text, value->length)) {
                put_items(record, value->text, value->length);
                return 0;
        }
        text_put_replaced(&readable, value->text, value->length);
        if (readable.error < 0)
                return readable.error;
        put_items(record, readable.data, readable.length);
        if (record->shortened)
                return 0;
        put_name(record->buf, value->field->name, "_base64");
        buf_put_text(record->buf, "\"arrayValue\":{\"values\":[");
        r = export_each_item(value->text, value->length, put_base64, &items);
        buf_put_text(record->buf, "]}}}");
        return r;
}

static int put_value(const struct record *record, const struct export_value *value)
{
        if (!value->present)
                return 0;
        if (value->field->type == EXPORT_LIST)
                return put_list(record, value);
        if (value->field->type == EXPORT_TEXT)
                return put_text(record, value);
        put_name(record->buf, value->field->name, "");
        buf_put_text(record->buf, "\"intValue\":\"");
        text_put_number(record->buf, value->integer);
        buf_put_text(record->buf, "\"}}");
        return 0;
}

static int put_values(const struct record *record, const struct export_value *values, size_t count)
{
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                r = put_value(record, &values[i]);
        return r;
}

static int put_attributes(const struct record *record, const struct export_row *row)
{
        struct buf *buf = record->buf;
        int r;

        buf_put_text(buf, "\"attributes\":[{\"key\":\"log.record.uid\",\"value\":{\"stringValue\":\"");
        buf_put_text(buf, auditdb_uuid(record->db));
        buf_put_char(buf, ':');
        text_put_number(buf, row->row.seq);
        buf_put_text(buf, "\"}}");
        put_name(buf, "session.id", "");
        buf_printf(buf, "\"stringValue\":\"%s\"}}", row->session);
        r = put_values(record, row->context, row->context_count);
        if (r == 0)
                r = put_values(record, row->values, row->value_count);
        put_name(buf, "diag.chain", "");
        buf_put_text(buf, "\"stringValue\":\"");
        text_put_hex(buf, row->row.hash, AUDITDB_HASH_SIZE);
        buf_put_text(buf, "\"}}");
        if (record->shortened) {
                put_name(buf, "diag.cut", "");
                buf_put_text(buf, "\"boolValue\":true}}");
        } else {
                put_name(buf, "diag.rec", "");
                buf_put_text(buf, "\"stringValue\":");
                text_put_quoted(buf, row->row.rec, row->row.rec_length);
                buf_put_text(buf, "}}");
        }
        buf_put_char(buf, ']');
        return r;
}

static int put_record(const struct record *record, const struct export_row *row)
{
        cleanup_buf struct buf message = BUF_INIT(TEXT_MOST);
        bool warning = message_is_warning(row);

        message_put(&message, row);
        if (message.error < 0)
                return message.error;
        /* The time of observation is the row's own, as everything here comes from the row. */
        buf_put_text(record->buf, "{\"timeUnixNano\":\"");
        text_put_number(record->buf, row->time_us * 1000);
        buf_put_text(record->buf, "\",\"observedTimeUnixNano\":\"");
        text_put_number(record->buf, row->time_us * 1000);
        buf_printf(
                record->buf,
                "\",\"severityNumber\":%d,\"severityText\":\"%s\",\"eventName\":\"diag.%s\",\"body\":{\"stringValue\":",
                warning ? OTEL_SEVERITY_WARN : OTEL_SEVERITY_INFO, warning ? "WARN" : "INFO", row->kind);
        text_put_quoted(record->buf, message.data != NULL ? message.data : "", message.length);
        buf_put_text(record->buf, "},");
        if (put_attributes(record, row) < 0)
                return -1;
        buf_put_char(record->buf, '}');
        return record->buf->error;
}

int otlp_record_put(struct buf *buf, struct auditdb *db, const struct export_row *row, size_t most)
{
        struct record record = { .buf = buf, .db = db };
        size_t before = buf->length;
        int r = put_record(&record, row);

        if (r < 0 || most == 0 || buf->length - before <= most)
                return r;
        buf->length = before;
        record.shortened = true;
        return put_record(&record, row);
}
