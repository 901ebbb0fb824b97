#include "shipper/message.h"

#include <inttypes.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "shipper/fields.h"
#include "shipper/text.h"

enum { MESSAGE_MOST = 1024, QUOTED_MOST = 8 * MESSAGE_MOST };

/* Nearly every text: it needs no escapes, and no memory for them. */
static bool is_plain(const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (text[i] < 0x20 || text[i] >= 0x7f || text[i] == '"' || text[i] == '\\')
                        return false;
        return true;
}

/* For people and their terminals: escaped as JSON does it, without the quotation marks, and not without end. */
static void put_words(struct buf *buf, const char *before, const struct export_row *row, const char *name)
{
        const struct export_value *value = fields_find(row, name);
        size_t length;

        if (value == NULL)
                return;
        buf_put_text(buf, before);
        if (value->field->type == EXPORT_INTEGER) {
                buf_printf(buf, "%" PRId64, value->integer);
                return;
        }
        length = value->length;
        if (length <= MESSAGE_MOST && is_plain(value->text, length)) {
                buf_put(buf, value->text, length);
                return;
        }
        if (length > MESSAGE_MOST)
                for (length = MESSAGE_MOST; length > 0 && ((unsigned char)value->text[length] & 0xc0) == 0x80;)
                        length--;
        cleanup_buf struct buf readable = BUF_INIT(MESSAGE_MOST);
        cleanup_buf struct buf quoted = BUF_INIT(QUOTED_MOST);
        text_put_replaced(&readable, value->text, length);
        json_put_bytes(&quoted, readable.data, readable.length);
        if (readable.error < 0 || quoted.error < 0) {
                buf->error = buf->error != 0 ? buf->error : readable.error != 0 ? readable.error : quoted.error;
                return;
        }
        buf_put(buf, quoted.data + 1, quoted.length - 2);
        buf_put_text(buf, length < value->length ? "…" : "");
}

void message_put(struct buf *buf, const struct export_row *row)
{
        buf_put_text(buf, row->kind);
        put_words(buf, " ", row, "diag.verdict");
        put_words(buf, " ", row, "user.name");
        put_words(buf, "@", row, "client.address");
        put_words(buf, " #", row, "diag.invocation");
        if (strcmp(row->kind, "exec") == 0)
                put_words(buf, ": ", row, "process.command_line");
        else
                put_words(buf, ": ", row, "process.executable.path");
        put_words(buf, ": ", row, "diag.exit.how");
        put_words(buf, ", status ", row, "process.exit.code");
        put_words(buf, ", signal ", row, "diag.exit.signal");
        put_words(buf, ": ", row, "diag.close.how");
        put_words(buf, " of row ", row, "diag.head.seq");
        put_words(buf, " of rows ", row, "diag.prune.first");
        put_words(buf, " to ", row, "diag.prune.anchor");
        put_words(buf, " [rule ", row, "security_rule.name");
        buf_put_text(buf, fields_find(row, "security_rule.name") != NULL ? "]" : "");
        put_words(buf, " (", row, "diag.reason");
        buf_put_text(buf, fields_find(row, "diag.reason") != NULL ? ")" : "");
}

bool message_is_warning(const struct export_row *row)
{
        const struct export_value *verdict = fields_find(row, "diag.verdict");

        return verdict != NULL && strcmp(verdict->text, "deny") == 0;
}
