#include "shipper/message.h"

#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/base/plain.h"
#include "shipper/fields.h"
#include "shipper/text.h"

enum { MESSAGE_MOST = 1024, QUOTED_MOST = 8 * MESSAGE_MOST, ASIDE_MOST = 16 * 1024 * 1024 };

/* For people and their terminals: escaped as JSON does it, without the quotation marks, and not without end. */
static void put_odd_words(struct buf *buf, const struct export_value *value)
{
        cleanup_buf struct buf readable = BUF_INIT(MESSAGE_MOST);
        cleanup_buf struct buf quoted = BUF_INIT(QUOTED_MOST);
        size_t length = value->length;

        if (length > MESSAGE_MOST)
                for (length = MESSAGE_MOST; length > 0 && ((unsigned char)value->text[length] & 0xc0) == 0x80;)
                        length--;
        text_put_replaced(&readable, value->text, length);
        json_put_bytes(&quoted, readable.data, readable.length);
        if (readable.error < 0 || quoted.error < 0) {
                buf->error = buf->error != 0 ? buf->error : readable.error != 0 ? readable.error : quoted.error;
                return;
        }
        buf_put(buf, quoted.data + 1, quoted.length - 2);
        buf_put_text(buf, length < value->length ? "…" : "");
}

static void put_words(struct buf *buf, const char *before, const struct export_value *value)
{
        if (value == NULL)
                return;
        buf_put_text(buf, before);
        if (value->field->type == EXPORT_INTEGER)
                text_put_number(buf, value->integer);
        else if (value->plain && value->length <= MESSAGE_MOST)
                buf_put(buf, value->text, value->length);
        else
                put_odd_words(buf, value);
}

void message_put(struct buf *buf, const struct export_row *row)
{
        struct fields_found found;

        fields_find_all(row, &found);
        buf_put_text(buf, row->kind);
        put_words(buf, " ", found.of[FIELD_VERDICT]);
        put_words(buf, " ", found.of[FIELD_USER]);
        put_words(buf, "@", found.of[FIELD_CLIENT]);
        put_words(buf, " #", found.of[FIELD_INVOCATION]);
        put_words(buf, ": ", found.of[strcmp(row->kind, "exec") == 0 ? FIELD_LINE : FIELD_PROGRAM]);
        put_words(buf, ": ", found.of[FIELD_EXIT_HOW]);
        put_words(buf, ", status ", found.of[FIELD_EXIT_STATUS]);
        put_words(buf, ", signal ", found.of[FIELD_EXIT_SIGNAL]);
        put_words(buf, ": ", found.of[FIELD_CLOSE_HOW]);
        put_words(buf, " of row ", found.of[FIELD_HEAD_SEQ]);
        put_words(buf, " of rows ", found.of[FIELD_PRUNE_FIRST]);
        put_words(buf, " to ", found.of[FIELD_PRUNE_ANCHOR]);
        put_words(buf, " [rule ", found.of[FIELD_RULE]);
        buf_put_text(buf, found.of[FIELD_RULE] != NULL ? "]" : "");
        put_words(buf, " (", found.of[FIELD_REASON]);
        buf_put_text(buf, found.of[FIELD_REASON] != NULL ? ")" : "");
}

int message_put_json(struct buf *buf, const struct export_row *row,
                     void (*put)(struct buf *buf, const char *text, size_t length))
{
        cleanup_buf struct buf aside = BUF_INIT(ASIDE_MOST);
        size_t begin = buf->length;

        buf_put_char(buf, '"');
        message_put(buf, row);
        if (buf->error < 0)
                return buf->error;
        if (plain_is(buf->data + begin + 1, buf->length - begin - 1)) {
                buf_put_char(buf, '"');
                return buf->error;
        }
        buf_put(&aside, buf->data + begin + 1, buf->length - begin - 1);
        buf->length = begin;
        put(buf, aside.data, aside.length);
        return aside.error < 0 ? aside.error : buf->error;
}

bool message_is_warning(const struct export_row *row)
{
        const struct export_value *verdict = fields_find(row, FIELD_VERDICT);

        return verdict != NULL && strcmp(verdict->text, "deny") == 0;
}
