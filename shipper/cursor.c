#include "shipper/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "shipper/database.h"
#include "shipper/store.h"
#include "shipper/text.h"
#include "sql/chain.h"

/* pam_diag cursor 1
 * sink jsonl:/var/log/diag.jsonl
 * database 3f1c…
 * seq 1234
 * chain <64 hex digits>
 * state <the sink's own, when it has one>
 * check <64 hex digits>: SHA3-256 over 32 zero bytes and everything before this line */
static void put_body(struct buf *buf, const char *spec, const struct cursor *cursor)
{
        buf_printf(buf, "pam_diag cursor 1\nsink %s\ndatabase %s\nseq %" PRId64 "\nchain ", spec, cursor->uuid,
                   cursor->seq);
        text_put_hex(buf, cursor->hash, sizeof(cursor->hash));
        if (cursor->state[0] != '\0')
                buf_printf(buf, "\nstate %s", cursor->state);
        buf_put_char(buf, '\n');
}

static int put_whole(struct buf *buf, const char *spec, const struct cursor *cursor)
{
        unsigned char hash[CHAIN_HASH_SIZE];
        int r;

        put_body(buf, spec, cursor);
        if (buf->error < 0)
                return buf->error;
        r = chain_next(NULL, buf->data, buf->length, hash);
        if (r < 0)
                return r;
        buf_put_text(buf, "check ");
        text_put_hex(buf, hash, sizeof(hash));
        buf_put_char(buf, '\n');
        return buf->error;
}

int cursor_print(const char *spec, const struct cursor *cursor, char ret_text[CURSOR_TEXT_MOST])
{
        cleanup_buf struct buf buf = BUF_INIT(CURSOR_TEXT_MOST - 1);
        int r = put_whole(&buf, spec, cursor);

        if (r == 0)
                memcpy(ret_text, buf.data, buf.length + 1);
        return r;
}

/* Takes "<key> <value>\n" from *at; the value is copied when it fits. */
static int take_line(const char **at, const char *key, char *value, size_t size)
{
        size_t prefix = strlen(key);
        const char *end = strchr(*at, '\n');
        size_t length;

        if (end == NULL || strncmp(*at, key, prefix) != 0 || (*at)[prefix] != ' ')
                return -EBADMSG;
        length = (size_t)(end - *at) - prefix - 1;
        if (length >= size)
                return -EBADMSG;
        memcpy(value, *at + prefix + 1, length);
        value[length] = '\0';
        *at = end + 1;
        return 0;
}

static int parse_hex(const char *text, unsigned char *bytes, size_t length)
{
        static const char digits[] = "0123456789abcdef";

        if (strlen(text) != 2 * length)
                return -EBADMSG;
        for (size_t i = 0; i < length; i++) {
                const char *high = strchr(digits, text[2 * i]);
                const char *low = strchr(digits, text[2 * i + 1]);

                if (high == NULL || low == NULL)
                        return -EBADMSG;
                bytes[i] = (unsigned char)((high - digits) << 4 | (low - digits));
        }
        return 0;
}

int cursor_parse(const char *text, size_t length, const char *spec, struct cursor *ret_cursor)
{
        cleanup_buf struct buf again = BUF_INIT(CURSOR_TEXT_MOST);
        struct cursor cursor = { 0 };
        char value[CURSOR_TEXT_MOST];
        const char *at = text;

        if (length >= CURSOR_TEXT_MOST || strlen(text) != length)
                return -EBADMSG;
        if (take_line(&at, "pam_diag cursor", value, sizeof(value)) < 0 || strcmp(value, "1") != 0 ||
            take_line(&at, "sink", value, sizeof(value)) < 0 || strcmp(value, spec) != 0 ||
            take_line(&at, "database", cursor.uuid, sizeof(cursor.uuid)) < 0 ||
            take_line(&at, "seq", value, sizeof(value)) < 0 || num_parse_i64(value, 0, INT64_MAX, &cursor.seq) < 0 ||
            take_line(&at, "chain", value, sizeof(value)) < 0 || parse_hex(value, cursor.hash, sizeof(cursor.hash)) < 0)
                return -EBADMSG;
        if (strncmp(at, "state ", 6) == 0 && take_line(&at, "state", cursor.state, sizeof(cursor.state)) < 0)
                return -EBADMSG;
        /* There is one way to write a cursor: what is not written so, checksum included, is none. */
        if (put_whole(&again, spec, &cursor) < 0 || again.length != length || memcmp(again.data, text, length) != 0)
                return -EBADMSG;
        *ret_cursor = cursor;
        return 0;
}

int cursor_load(int directory, const char *name, const char *spec, struct cursor *ret_cursor, struct fault *fault)
{
        cleanup_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
        cleanup_free char *text = NULL;
        size_t length = 0;
        int r;

        if (directory < 0 || (fd < 0 && errno == ENOENT)) {
                *ret_cursor = (struct cursor){ 0 };
                return 0;
        }
        if (fd < 0)
                return fault_set(fault, FAULT_CONFIG, "%s: cannot open its cursor file %s: %s", spec, name,
                                 strerror(errno));
        r = fd_read_all(fd, CURSOR_TEXT_MOST, &text, &length);
        if (r < 0 && r != -EFBIG)
                return fault_set(fault, FAULT_LATER, "%s: cannot read its cursor file %s: %s", spec, name,
                                 strerror(-r));
        if (r < 0 || cursor_parse(text, length, spec, ret_cursor) < 0)
                return fault_set(fault, FAULT_DATA,
                                 "%s: its cursor file %s is damaged; restore it, or remove it to send every row again",
                                 spec, name);
        return 0;
}

static int cannot_store(const char *spec, const char *name, int error, const struct cursor *cursor, struct fault *fault)
{
        return fault_set(fault, FAULT_LATER,
                         "%s: cannot store its cursor %s: %s; the rows up to %" PRId64 " will be sent once more", spec,
                         name, strerror(-error), cursor->seq);
}

int cursor_save(int directory, const char *name, const char *spec, const struct cursor *cursor, struct fault *fault)
{
        char text[CURSOR_TEXT_MOST];
        int r = cursor_print(spec, cursor, text);

        if (r == 0)
                r = store_replace(directory, name, text, strlen(text));
        return r < 0 ? cannot_store(spec, name, r, cursor, fault) : 0;
}

/* The "sink" of a recent cursor names the cursor that it stands on. */
static char *recent_spec(const char *spec, const struct cursor *durable)
{
        char *text = NULL;

        return asprintf(&text, "%s after %" PRId64, spec, durable->seq) < 0 ? NULL : text;
}

void cursor_load_recent(int directory, const char *name, const char *spec, struct cursor *cursor)
{
        cleanup_free char *whole = recent_spec(spec, cursor);
        struct cursor recent = { 0 };
        struct fault unused = { 0 };

        if (whole == NULL || cursor_load(directory, name, whole, &recent, &unused) < 0 || recent.seq <= cursor->seq ||
            strcmp(recent.uuid, cursor->uuid) != 0)
                return;
        *cursor = recent;
}

int cursor_save_recent(int directory, const char *name, const char *spec, const struct cursor *durable,
                       const struct cursor *cursor, struct fault *fault)
{
        cleanup_free char *whole = recent_spec(spec, durable);
        char text[CURSOR_TEXT_MOST];
        int r = whole == NULL ? -ENOMEM : cursor_print(whole, cursor, text);

        if (r == 0)
                r = store_overwrite(directory, name, text, strlen(text));
        return r < 0 ? cannot_store(spec, name, r, cursor, fault) : 0;
}

static int compare_row(void *context, const struct auditdb_row *row)
{
        const struct cursor *cursor = context;

        if (row->seq != cursor->seq)
                return -ENOENT;
        return memcmp(row->hash, cursor->hash, sizeof(cursor->hash)) == 0 ? 1 : -EKEYREJECTED;
}

struct presence {
        struct cursor *cursor;
        bool seen;
};

static int look_at_row(void *context, const struct auditdb_row *row)
{
        struct presence *presence = context;

        presence->seen = true;
        return compare_row(presence->cursor, row);
}

int cursor_check(struct cursor *cursor, const char *name, struct auditdb *db, struct fault *fault)
{
        struct presence presence = { .cursor = cursor };
        struct auditdb_why why = { "" };
        int r;

        if (cursor->uuid[0] == '\0') {
                memcpy(cursor->uuid, auditdb_uuid(db), sizeof(cursor->uuid));
                return 0;
        }
        if (strcmp(cursor->uuid, auditdb_uuid(db)) != 0)
                return fault_set(
                        fault, FAULT_DATA,
                        "the audit database was replaced: the cursor %s stands in database %s, this one is %s; "
                        "put the right one back, or remove the cursor to send every row of this one",
                        name, cursor->uuid, auditdb_uuid(db));
        if (cursor->seq == 0)
                return 0;
        r = auditdb_each(db, cursor->seq - 1, 1, look_at_row, &presence, &why);
        if (r == 0 && presence.seen)
                return 0;
        if (r == 0 || r == -ENOENT)
                return fault_set(fault, FAULT_DATA,
                                 "the audit database was cut off or rolled back: row %" PRId64
                                 ", which the cursor %s says "
                                 "was sent, is not there",
                                 cursor->seq, name);
        if (r == -EKEYREJECTED)
                return fault_set(fault, FAULT_DATA,
                                 "the audit database was rewritten or rolled back: row %" PRId64
                                 " has another hash than "
                                 "the one that was sent (cursor %s)",
                                 cursor->seq, name);
        return database_fault(r, &why, fault);
}
