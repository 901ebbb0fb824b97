#include "shipper/sinks/syslog_message.h"

#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "pam_diag/base/json.h"
#include "shipper/fields.h"
#include "shipper/message.h"
#include "shipper/odd.h"
#include "shipper/text.h"

enum { HOST_MOST = 255, TEXT_MOST = 16 * 1024 * 1024, SHORT_FIELD_MOST = 64 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

/* `"`, `\` and `]` are escaped within a value, and nothing else is (RFC 5424, section 6.3.3). */
static void put_escaped(struct buf *buf, const char *text, size_t length)
{
        size_t from = 0;

        for (size_t i = 0; i < length; i++) {
                if (text[i] != '"' && text[i] != '\\' && text[i] != ']')
                        continue;
                buf_put(buf, text + from, i - from);
                buf_put_char(buf, '\\');
                from = i;
        }
        buf_put(buf, text + from, length - from);
}

/* Receivers change control characters in ways of their own, and a terminal obeys them. */
static void put_harmless(struct buf *buf, const char *text, size_t length)
{
        size_t from = 0;

        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(text + i, length - i, &code);

                if (n == 0)
                        n = 1;
                if (json_is_unsafe(code)) {
                        put_escaped(buf, text + from, i - from);
                        buf_printf(buf, "\\\\u%04" PRIx32, code);
                        from = i + n;
                }
                i += n;
        }
        put_escaped(buf, text + from, length - from);
}

static bool is_odd(const char *text, size_t length)
{
        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(text + i, length - i, &code);

                if (n == 0 || json_is_unsafe(code))
                        return true;
                i += n;
        }
        return text_has_bytes(text, length);
}

static void begin_parameter(struct buf *buf, const char *name)
{
        buf_put_char(buf, ' ');
        buf_put_text(buf, name);
        buf_put(buf, "=\"", 2);
}

static void put_parameter(struct buf *buf, const char *name, const char *text, size_t length)
{
        begin_parameter(buf, name);
        put_escaped(buf, text, length);
        buf_put_char(buf, '"');
}

static const struct odd_form odd_form = { .open = " ", .middle = "=\"", .close = "\"", .put = put_harmless };

/* A list is JSON text, in which no control character is left. */
static int put_list(struct buf *buf, const struct export_value *value)
{
        cleanup_buf struct buf readable = BUF_INIT(TEXT_MOST);
        int r;

        if (!text_has_bytes(value->text, value->length)) {
                put_parameter(buf, value->field->name, value->text, value->length);
                return 0;
        }
        text_put_replaced(&readable, value->text, value->length);
        if (readable.error < 0)
                return readable.error;
        put_parameter(buf, value->field->name, readable.data, readable.length);
        buf_printf(buf, " %s_base64=\"[", value->field->name);
        r = odd_put_items(buf, "\\\"", "\\\"", value->text, value->length);
        buf_put_text(buf, "\\]\"");
        return r;
}

static int put_value(struct buf *buf, const struct export_value *value)
{
        if (!value->present)
                return 0;
        switch (value->field->type) {
        case EXPORT_INTEGER:
                begin_parameter(buf, value->field->name);
                text_put_number(buf, value->integer);
                buf_put_char(buf, '"');
                return 0;
        case EXPORT_LIST:
                return put_list(buf, value);
        case EXPORT_TEXT:
                break;
        }
        if (!value->plain && is_odd(value->text, value->length))
                return odd_put_text(buf, &odd_form, value->field->name, value->text, value->length);
        put_parameter(buf, value->field->name, value->text, value->length);
        return 0;
}

static int put_values(struct buf *buf, const struct export_value *values, size_t count)
{
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                r = put_value(buf, &values[i]);
        return r;
}

/* Printable ASCII without a blank, at most 255 of them; "-" for none (RFC 5424, section 6.2.4). */
static void put_host(struct buf *buf, const struct export_row *row)
{
        const struct export_value *host = fields_find(row, FIELD_HOST);
        size_t length = host != NULL ? host->length : 0;

        if (length == 0)
                buf_put_char(buf, '-');
        for (size_t i = 0; i < length && i < HOST_MOST; i++)
                buf_put_char(buf, host->text[i] > ' ' && host->text[i] < 0x7f ? host->text[i] : '?');
}

static void put_header(struct buf *buf, const struct syslog_form *form, const struct auditdb *db,
                       const struct export_row *row)
{
        bool warning = message_is_warning(row);

        buf_printf(buf, "<%d>1 ", LOG_AUTHPRIV | (warning ? LOG_WARNING : LOG_INFO));
        text_put_time(buf, row->time_us);
        buf_put_char(buf, ' ');
        put_host(buf, row);
        buf_printf(buf, " pam_diag - %s [diag@%" PRIu32, row->kind, form->enterprise);
        begin_parameter(buf, "log.record.uid");
        buf_put_text(buf, auditdb_uuid(db));
        buf_put_char(buf, ':');
        text_put_number(buf, row->row.seq);
        buf_printf(buf, "\" eventName=\"diag.%s\" severityText=\"%s\"", row->kind, warning ? "WARN" : "INFO");
}

static int put_body(struct buf *buf, const struct export_row *row)
{
        cleanup_buf struct buf message = BUF_INIT(TEXT_MOST);

        message_put(&message, row);
        put_parameter(buf, "body", message.data != NULL ? message.data : "", message.length);
        return message.error;
}

static void put_session(struct buf *buf, const struct export_row *row)
{
        put_parameter(buf, "session.id", row->session, strlen(row->session));
}

static void end_data(struct buf *buf, const struct syslog_form *form, const struct export_row *row, bool cut)
{
        begin_parameter(buf, "diag.chain");
        text_put_hex(buf, row->row.hash, AUDITDB_HASH_SIZE);
        buf_put_text(buf, cut ? "\" diag.cut=\"true\"] " : "\"] ");
        if (form->mark)
                buf_put_text(buf, byte_order_mark);
}

static int put_short_field(struct buf *buf, const struct export_row *row, enum field_id id)
{
        const struct export_value *value = fields_find(row, id);

        if (value == NULL)
                return 0;
        if (value->field->type == EXPORT_TEXT &&
            (value->length > SHORT_FIELD_MOST || is_odd(value->text, value->length)))
                return 0;
        return put_value(buf, value);
}

/* The beginning of the record, up to the last whole character that fits. */
static void put_beginning(struct buf *buf, size_t room, const struct export_row *row)
{
        size_t length = row->row.rec_length < room ? row->row.rec_length : room;

        while (length > 0 && length < row->row.rec_length && ((unsigned char)row->row.rec[length] & 0xc0) == 0x80)
                length--;
        buf_put(buf, row->row.rec, length);
}

static int put_short(struct buf *buf, const struct syslog_form *form, struct auditdb *db, const struct export_row *row)
{
        static const enum field_id ids[] = { FIELD_INVOCATION, FIELD_VERDICT, FIELD_CODE, FIELD_RULE };
        size_t begin = buf->length;
        int r = 0;

        put_header(buf, form, db, row);
        put_session(buf, row);
        for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]) && r == 0; i++)
                r = put_short_field(buf, row, ids[i]);
        if (r < 0)
                return r;
        end_data(buf, form, row, true);
        if (buf->length - begin < form->most)
                put_beginning(buf, form->most - (buf->length - begin), row);
        return buf->error;
}

int syslog_message_put(struct buf *buf, const struct syslog_form *form, struct auditdb *db,
                       const struct export_row *row)
{
        size_t begin = buf->length;
        int r;

        put_header(buf, form, db, row);
        r = put_body(buf, row);
        put_session(buf, row);
        if (r == 0)
                r = put_values(buf, row->context, row->context_count);
        if (r == 0)
                r = put_values(buf, row->values, row->value_count);
        if (r < 0)
                return r;
        end_data(buf, form, row, false);
        buf_put(buf, row->row.rec, row->row.rec_length);
        if (buf->error < 0 || buf->length - begin <= form->most)
                return buf->error;
        buf->length = begin;
        buf->data[begin] = '\0';
        return put_short(buf, form, db, row);
}
