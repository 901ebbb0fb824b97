#include "shipper/line.h"

#include <errno.h>

#include "shipper/fields.h"
#include "shipper/message.h"
#include "shipper/odd.h"
#include "shipper/text.h"

enum {
        LINE_MOST = 16 * 1024 * 1024,
        CUT_BYTES =
                2048, /* of a text, or of a list's items together, in a short line: with every byte escaped it stays under 256 KB */
};

#define TEXT_OF(constant) (constant), sizeof(constant) - 1

static size_t cut(const char *text, size_t length, size_t most)
{
        if (length <= most)
                return length;
        while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
                most--;
        return most;
}

size_t line_cut(const char *text, size_t length)
{
        return cut(text, length, CUT_BYTES);
}

static const struct odd_form odd_form = { .open = ",\"", .middle = "\":", .close = "", .put = text_put_string };

static void put_key(struct buf *buf, const char *name, size_t length)
{
        buf_put(buf, ",\"", 2);
        buf_put(buf, name, length);
        buf_put(buf, "\":", 2);
}

static void put_name(struct buf *buf, const struct export_value *value)
{
        put_key(buf, value->field->name, value->field->name_length);
}

/* As many items as fit whole. */
struct cutting {
        struct buf *buf;
        size_t left;
        bool any;
};

static int put_item_short(void *context, const char *text, size_t length)
{
        struct cutting *cutting = context;
        cleanup_buf struct buf readable = BUF_INIT(LINE_MOST);

        length = cut(text, length, cutting->left);
        if (length == 0 && cutting->any)
                return 1;
        text_put_replaced(&readable, text, length);
        if (readable.error < 0)
                return readable.error;
        buf_put_text(cutting->buf, cutting->any ? "," : "");
        text_put_string(cutting->buf, readable.data != NULL ? readable.data : "", readable.length);
        cutting->left -= length;
        cutting->any = true;
        return 0;
}

static int put_list_short(struct buf *buf, const struct export_value *value)
{
        struct cutting cutting = { .buf = buf, .left = CUT_BYTES };
        int r;

        put_name(buf, value);
        buf_put_char(buf, '[');
        r = export_each_item(value->text, value->length, put_item_short, &cutting);
        buf_put_char(buf, ']');
        return r;
}

/* The list is JSON already; its U+10FENN are never written as escapes, so they can be replaced in the text of it. */
static int put_list(struct buf *buf, const struct export_value *value)
{
        int r;

        put_name(buf, value);
        if (!text_has_bytes(value->text, value->length)) {
                buf_put(buf, value->text, value->length);
                return 0;
        }
        text_put_replaced(buf, value->text, value->length);
        buf_printf(buf, ",\"%s_base64\":[", value->field->name);
        r = odd_put_items(buf, "\"", "\"", value->text, value->length);
        buf_put_char(buf, ']');
        return r;
}

static int put_text(struct buf *buf, const struct export_value *value, bool shortened)
{
        size_t length = shortened ? cut(value->text, value->length, CUT_BYTES) : value->length;

        if (!value->plain && text_has_bytes(value->text, length))
                return odd_put_text(buf, &odd_form, value->field->name, value->text, length);
        put_name(buf, value);
        if (value->plain)
                text_put_plain(buf, value->text, length);
        else
                text_put_string(buf, value->text, length);
        return 0;
}

static int put_value(struct buf *buf, const struct export_value *value, bool shortened)
{
        if (!value->present)
                return 0;
        switch (value->field->type) {
        case EXPORT_INTEGER:
                put_name(buf, value);
                text_put_number(buf, value->integer);
                return 0;
        case EXPORT_LIST:
                return shortened && value->length > CUT_BYTES ? put_list_short(buf, value) : put_list(buf, value);
        case EXPORT_TEXT:
                break;
        }
        return put_text(buf, value, shortened);
}

static int put_values(struct buf *buf, const struct export_value *values, size_t count, bool shortened)
{
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                r = put_value(buf, &values[i], shortened);
        return r;
}

static int put_body(struct buf *buf, const struct export_row *row)
{
        put_key(buf, TEXT_OF("body"));
        return message_put_json(buf, row, text_put_string);
}

static void put_record(struct buf *buf, const struct export_row *row, bool shortened)
{
        put_key(buf, TEXT_OF("diag.chain"));
        buf_put_char(buf, '"');
        text_put_hex(buf, row->row.hash, AUDITDB_HASH_SIZE);
        buf_put_char(buf, '"');
        if (shortened) {
                buf_put_text(buf, ",\"diag.cut\":true");
                return;
        }
        put_key(buf, TEXT_OF("diag.rec"));
        buf_put(buf, row->row.rec, row->row.rec_length);
}

static int put_line(struct buf *buf, struct auditdb *db, const struct export_row *row, bool shortened)
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
        buf_put_text(buf, message_is_warning(row) ? "\",\"severityText\":\"WARN\"" : "\",\"severityText\":\"INFO\"");
        r = put_body(buf, row);
        buf_put_text(buf, ",\"session.id\":\"");
        buf_put_text(buf, row->session);
        buf_put_char(buf, '"');
        if (r == 0)
                r = put_values(buf, row->context, row->context_count, shortened);
        if (r == 0)
                r = put_values(buf, row->values, row->value_count, shortened);
        if (r < 0)
                return r;
        put_record(buf, row, shortened);
        buf_put_text(buf, "}\n");
        return buf->error;
}

int line_put(struct buf *buf, struct auditdb *db, const struct export_row *row, size_t most)
{
        size_t before = buf->length;
        int r = put_line(buf, db, row, false);

        if (r < 0 || most == 0 || buf->length - before <= most)
                return r;
        buf->length = before;
        return put_line(buf, db, row, true);
}
