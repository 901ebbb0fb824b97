#include "shipper/line.h"

#include "shipper/fields.h"
#include "shipper/text.h"

enum { LINE_MOST = 16 * 1024 * 1024 };

/* A text with bytes that were not UTF-8: readable first, then whole. */
static int put_odd_text(struct buf *buf, const char *name, const char *text, size_t length)
{
        cleanup_buf struct buf readable = BUF_INIT(LINE_MOST);

        text_put_replaced(&readable, text, length);
        if (readable.error < 0)
                return readable.error;
        text_put_key(buf, name);
        text_put_string(buf, readable.data, readable.length);
        buf_printf(buf, ",\"%s_base64\":\"", name);
        text_put_base64(buf, text, length);
        buf_put_char(buf, '"');
        return 0;
}

struct items {
        struct buf *buf;
        bool any;
};

static int put_item_base64(void *context, const char *text, size_t length)
{
        struct items *items = context;

        buf_put_text(items->buf, items->any ? ",\"" : "\"");
        text_put_base64(items->buf, text, length);
        buf_put_char(items->buf, '"');
        items->any = true;
        return 0;
}

/* The list is JSON already; its U+10FENN are never written as escapes, so they can be replaced in the text of it. */
static int put_list(struct buf *buf, struct auditdb *db, const struct export_value *value)
{
        struct items items = { .buf = buf };
        struct auditdb_why why;
        int r;

        text_put_key(buf, value->field->name);
        if (!text_has_bytes(value->text, value->length)) {
                buf_put(buf, value->text, value->length);
                return 0;
        }
        text_put_replaced(buf, value->text, value->length);
        buf_printf(buf, ",\"%s_base64\":[", value->field->name);
        r = auditdb_export_list(db, value->text, put_item_base64, &items, &why);
        buf_put_char(buf, ']');
        return r;
}

static int put_value(struct buf *buf, struct auditdb *db, const struct export_value *value)
{
        if (!value->present)
                return 0;
        switch (value->field->type) {
        case EXPORT_INTEGER:
                text_put_key(buf, value->field->name);
                text_put_number(buf, value->integer);
                return 0;
        case EXPORT_LIST:
                return put_list(buf, db, value);
        case EXPORT_TEXT:
                break;
        }
        if (text_has_bytes(value->text, value->length))
                return put_odd_text(buf, value->field->name, value->text, value->length);
        text_put_key(buf, value->field->name);
        text_put_string(buf, value->text, value->length);
        return 0;
}

static int put_values(struct buf *buf, struct auditdb *db, const struct export_value *values, size_t count)
{
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                r = put_value(buf, db, &values[i]);
        return r;
}

int line_put(struct buf *buf, struct auditdb *db, const struct export_row *row)
{
        int r;

        buf_put_text(buf, "{\"log.record.uid\":\"");
        buf_put_text(buf, auditdb_uuid(db));
        buf_put_char(buf, ':');
        text_put_number(buf, row->row.seq);
        buf_put_text(buf, "\",\"time\":\"");
        text_put_time(buf, row->time_us);
        buf_put_text(buf, "\",\"eventName\":\"diag.");
        buf_put_text(buf, row->kind);
        buf_put_text(buf, "\",\"session.id\":\"");
        buf_put_text(buf, row->session);
        buf_put_char(buf, '"');
        r = put_values(buf, db, row->context, row->context_count);
        if (r == 0)
                r = put_values(buf, db, row->values, row->value_count);
        if (r < 0)
                return r;
        text_put_key(buf, "diag.chain");
        buf_put_char(buf, '"');
        text_put_hex(buf, row->row.hash, AUDITDB_HASH_SIZE);
        buf_put_text(buf, "\",\"diag.rec\":");
        buf_put(buf, row->row.rec, row->row.rec_length);
        buf_put_text(buf, "}\n");
        return buf->error;
}
