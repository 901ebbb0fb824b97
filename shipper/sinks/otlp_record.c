#include "shipper/sinks/otlp_record.h"

#include <stdbool.h>
#include <string.h>

#include "shipper/line.h"
#include "shipper/message.h"
#include "shipper/odd.h"
#include "shipper/otel.h"
#include "shipper/text.h"

#define TEXT_OF(constant) (constant), sizeof(constant) - 1

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
static void put_name(struct buf *buf, const char *name, size_t length)
{
        buf_put_text(buf, ",{\"key\":\"");
        buf_put(buf, name, length);
        buf_put_text(buf, "\",\"value\":{");
}

static void put_field_name(struct buf *buf, const struct export_field *field)
{
        put_name(buf, field->name, field->name_length);
}

static const struct odd_form odd_form = {
        .open = ",{\"key\":\"", .middle = "\",\"value\":{\"stringValue\":", .close = "}}", .put = text_put_string
};

static int put_text(const struct record *record, const struct export_value *value)
{
        size_t length = record->shortened ? line_cut(value->text, value->length) : value->length;

        if (!value->plain && text_has_bytes(value->text, length))
                return odd_put_text(record->buf, &odd_form, value->field->name, value->text, length);
        put_field_name(record->buf, value->field);
        buf_put_text(record->buf, "\"stringValue\":");
        if (value->plain)
                text_put_plain(record->buf, value->text, length);
        else
                text_put_string(record->buf, value->text, length);
        buf_put_text(record->buf, "}}");
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

static int put_list(const struct record *record, const struct export_value *value)
{
        cleanup_buf struct buf readable = BUF_INIT(TEXT_MOST);
        int r;

        put_field_name(record->buf, value->field);
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
        buf_printf(record->buf, ",{\"key\":\"%s_base64\",\"value\":{\"arrayValue\":{\"values\":[", value->field->name);
        r = odd_put_items(record->buf, "{\"stringValue\":\"", "\"}", value->text, value->length);
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
        put_field_name(record->buf, value->field);
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
        put_name(buf, TEXT_OF("session.id"));
        buf_put_text(buf, "\"stringValue\":\"");
        buf_put_text(buf, row->session);
        buf_put_text(buf, "\"}}");
        r = put_values(record, row->context, row->context_count);
        if (r == 0)
                r = put_values(record, row->values, row->value_count);
        put_name(buf, TEXT_OF("diag.chain"));
        buf_put_text(buf, "\"stringValue\":\"");
        text_put_hex(buf, row->row.hash, AUDITDB_HASH_SIZE);
        buf_put_text(buf, "\"}}");
        if (record->shortened) {
                put_name(buf, TEXT_OF("diag.cut"));
                buf_put_text(buf, "\"boolValue\":true}}");
        } else {
                put_name(buf, TEXT_OF("diag.rec"));
                buf_put_text(buf, "\"stringValue\":");
                text_put_quoted(buf, row->row.rec, row->row.rec_length);
                buf_put_text(buf, "}}");
        }
        buf_put_char(buf, ']');
        return r;
}

static void put_severity(struct buf *buf, const struct export_row *row)
{
        bool warning = message_is_warning(row);

        buf_put_text(buf, "\",\"severityNumber\":");
        text_put_number(buf, warning ? OTEL_SEVERITY_WARN : OTEL_SEVERITY_INFO);
        buf_put_text(buf, warning ? ",\"severityText\":\"WARN\"" : ",\"severityText\":\"INFO\"");
        buf_put_text(buf, ",\"eventName\":\"diag.");
        buf_put_text(buf, row->kind);
}

static int put_record(const struct record *record, const struct export_row *row)
{
        struct buf *buf = record->buf;
        int r;

        /* The time of observation is the row's own, as everything here comes from the row. */
        buf_put_text(buf, "{\"timeUnixNano\":\"");
        text_put_number(buf, row->time_us * 1000);
        buf_put_text(buf, "\",\"observedTimeUnixNano\":\"");
        text_put_number(buf, row->time_us * 1000);
        put_severity(buf, row);
        buf_put_text(buf, "\",\"body\":{\"stringValue\":");
        r = message_put_json(buf, row, text_put_quoted);
        buf_put_text(buf, "},");
        if (r == 0)
                r = put_attributes(record, row);
        buf_put_char(buf, '}');
        return r < 0 ? r : buf->error;
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
