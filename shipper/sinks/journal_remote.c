#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/fields.h"
#include "shipper/sinks/journal_entry.h"
#include "shipper/sinks/journal_remote.h"
#include "shipper/sinks/sink.h"
#include "shipper/text.h"
#include "shipper/web.h"

/* systemd-journal-remote(8), POST /upload: the entries of journald.c in the journal's export format
 * (systemd.io/JOURNAL_EXPORT_FORMATS).
 *
 * 202 is the acknowledgement: every entry has been put into the journal's file, which a killed receiver leaves whole; the disk may get
 * it later. 417 says that the body ended within an entry. It says 202, too, to an entry without a valid time, of which it stores nothing:
 * a record's is never 0 (sql/rec.h). */
struct journal_remote {
        struct web web; /* first: web.h */
};

enum {
        ENTRY_MOST = 64 * 1024 * 1024,
        STATUS_ACCEPTED = 202,
};

/* KEY=VALUE, or where the value has a newline: KEY, a newline, the length in 64 bits, the least first, VALUE. Both end with a newline. */
static void put_pair(struct buf *buf, const char *pair, size_t length)
{
        const char *equals = memchr(pair, '=', length);
        size_t key = equals != NULL ? (size_t)(equals - pair) : length;
        uint64_t rest = length > key ? length - key - 1 : 0;

        if (memchr(pair, '\n', length) == NULL) {
                buf_put(buf, pair, length);
                buf_put_char(buf, '\n');
                return;
        }
        buf_put(buf, pair, key);
        buf_put_char(buf, '\n');
        for (unsigned i = 0; i < 64; i += 8)
                buf_put_char(buf, (char)(unsigned char)(rest >> i & 0xff));
        buf_put(buf, pair + key + 1, (size_t)rest);
        buf_put_char(buf, '\n');
}

/* A journal sorts entries of one boot by the monotonic clock, others by the wall clock. Here the database is the boot, and the row's number
 * the time: the rows stand in their order, whatever the host's clock did. */
static void put_place(struct buf *buf, const struct auditdb *db, const struct export_row *row)
{
        const char *uuid = auditdb_uuid(db);

        buf_printf(buf, "__REALTIME_TIMESTAMP=%" PRId64 "\n__MONOTONIC_TIMESTAMP=%" PRId64 "\n_BOOT_ID=", row->time_us,
                   row->row.seq);
        for (; *uuid != '\0'; uuid++)
                if (*uuid != '-')
                        buf_put_char(buf, *uuid);
        buf_put_char(buf, '\n');
}

static int put_host(struct buf *buf, const struct export_row *row)
{
        const struct export_value *host = fields_find(row, FIELD_HOST);
        cleanup_buf struct buf pair = BUF_INIT(ENTRY_MOST);

        if (host == NULL)
                return 0;
        buf_put_text(&pair, "_HOSTNAME=");
        text_put_replaced(&pair, host->text, host->length);
        if (pair.error == 0)
                put_pair(buf, pair.data, pair.length);
        return pair.error;
}

int journal_remote_put(struct buf *buf, struct auditdb *db, const struct export_row *row)
{
        struct iovec fields[JOURNAL_FIELDS_MOST];
        cleanup_buf struct buf entry = BUF_INIT(ENTRY_MOST);
        size_t count;
        int r = journal_entry_put(&entry, db, row);

        if (r < 0)
                return r;
        put_place(buf, db, row);
        r = put_host(buf, row);
        count = journal_entry_fields(entry.data, entry.length, fields);
        for (size_t i = 0; i < count; i++)
                put_pair(buf, fields[i].iov_base, fields[i].iov_len);
        buf_put_char(buf, '\n');
        return r < 0 ? r : buf->error;
}

static int journal_remote_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                                 const struct sink_config *sink)
{
        (void)sink;
        return journal_remote_put(buf, db, row);
}

static void journal_remote_check(const struct sink_config *sink, struct conf_check *check)
{
        static const char end[] = "/upload";
        size_t length = strlen(sink->target);

        http_check(sink, check);
        if (length < strlen(end) || strcmp(sink->target + length - strlen(end), end) != 0)
                conf_wrong(check, "url", "expected a URL that ends with /upload");
}

static enum web_verdict journal_remote_judge(void *context, const struct http_reply *reply, struct web_rows *rows,
                                             char *why, size_t size)
{
        (void)context;
        (void)rows;
        if (reply->status == STATUS_ACCEPTED)
                return WEB_ACCEPTED;
        (void)snprintf(why, size, "answers %ld, which systemd-journal-remote does not; is something in between?",
                       reply->status);
        return WEB_LATER;
}

static const struct web_type web_journal_remote = { .judge = journal_remote_judge };

static void journal_remote_close(void *sink)
{
        struct journal_remote *remote = sink;

        if (remote == NULL)
                return;
        web_close(&remote->web);
        free(remote);
}

static int journal_remote_open(const struct sink_config *sink, void **ret_sink, struct fault *fault)
{
        static const char *const headers[] = { "Content-Type: application/vnd.fdo.journal", NULL };
        struct journal_remote *remote = calloc(1, sizeof(*remote));

        if (remote == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (web_open(&remote->web, &web_journal_remote, remote, sink, headers, fault) < 0) {
                journal_remote_close(remote);
                return -1;
        }
        *ret_sink = remote;
        return 0;
}

const struct sink_type sink_journal_remote = {
        .name = "journal-remote",
        .usage = "journal-remote:URL       systemd-journal-remote; http(s)://HOST:19532/upload",
        .keys = SINK_URL | SINK_LOGIN | SINK_CA | SINK_CLIENT | SINK_TIMEOUT | SINK_PROXY | SINK_CLEARTEXT,
        .check = journal_remote_check,
        .format = journal_remote_format,
        .open = journal_remote_open,
        .send = web_sink_send,
        .confirm = web_sink_confirm,
        .close = journal_remote_close,
};
