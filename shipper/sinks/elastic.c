#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/line.h"
#include "shipper/reply.h"
#include "shipper/sinks/sink.h"
#include "shipper/text.h"
#include "shipper/web.h"

/* Elasticsearch and OpenSearch, POST /INDEX/_bulk (elastic.co/guide, Bulk API).
 *
 * `create` with the row's uid as _id: a row that is there already answers 409, which is success. Each item of the reply has a status of
 * its own: 429 and 5xx are sent again, by themselves; other refusals are set aside. */
struct elastic {
        struct web web; /* first: web.h */
};

enum { LINE_BYTES = 1024 * 1024 };

static int elastic_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                          const struct sink_config *sink)
{
        cleanup_buf struct buf line = BUF_INIT((size_t)16 * AUDITDB_REC_MOST);
        int r = line_put(&line, db, row, sink->line_bytes);

        if (r < 0)
                return r;
        buf_put_text(buf, "{\"create\":{\"_id\":\"");
        buf_put_text(buf, auditdb_uuid(db));
        buf_put_char(buf, ':');
        text_put_number(buf, row->row.seq);
        buf_put_text(buf, "\"}}\n{\"@timestamp\":\"");
        text_put_time(buf, row->time_us);
        buf_put_char(buf, '"');
        for (char **label = sink->labels; label != NULL && *label != NULL; label++) {
                const char *value = strchr(*label, '=') + 1;

                buf_printf(buf, ",\"labels.%.*s\":", (int)(value - *label) - 1, *label);
                text_put_quoted(buf, value, strlen(value));
        }
        buf_put_char(buf, ',');
        buf_put(buf, line.data + 1, line.length - 1); /* behind its opening brace */
        return buf->error;
}

/* A reply while it is read. */
struct reading {
        struct web_rows *rows;
        struct batch_refusal *refusals; /* set aside only when the whole reply was read */
        size_t refusal_count;
        size_t items;
        size_t again;
        size_t *again_index;
        char why[REPLY_WHY_SIZE + 32]; /* of the first that was not taken */
};

static int note_refusal(struct reading *reading, size_t row, const char *why)
{
        struct batch_refusal *refusal = &reading->refusals[reading->refusal_count++];

        refusal->row = row;
        (void)snprintf(refusal->why, sizeof(refusal->why), "%s", why);
        return 0;
}

static int take_item(void *context, size_t index, const struct reply_item *item)
{
        struct reading *reading = context;
        const struct web_rows *rows = reading->rows;
        char expected[sizeof(item->id)];
        size_t row;

        if (index >= rows->count)
                return -EBADMSG;
        row = rows->index[index];
        (void)snprintf(expected, sizeof(expected), "%s:%" PRId64, auditdb_uuid(rows->batch->db),
                       rows->batch->first_seq + (int64_t)row);
        if (strcmp(item->id, expected) != 0)
                return -EBADMSG;
        reading->items++;
        if ((item->status >= 200 && item->status <= 299) || item->status == 409)
                return 0;
        if (reading->why[0] == '\0')
                (void)snprintf(reading->why, sizeof(reading->why), "item status %lld: %s", (long long)item->status,
                               item->why);
        if (item->status == 429 || item->status >= 500) {
                reading->again_index[reading->again++] = row;
                return 0;
        }
        return note_refusal(reading, row, reading->why);
}

static enum web_verdict conclude(struct reading *reading)
{
        struct web_rows *rows = reading->rows;

        for (size_t i = 0; i < reading->refusal_count; i++)
                if (batch_refuse(rows->batch, reading->refusals[i].row, reading->refusals[i].why) < 0)
                        return WEB_LATER;
        /* Taken, or partly: what shows that the server takes rows at all. */
        if (reading->again == 0 && reading->refusal_count < rows->count)
                return WEB_ACCEPTED;
        rows->some = reading->items > reading->again + reading->refusal_count;
        memcpy(rows->index, reading->again_index, reading->again * sizeof(*rows->index));
        rows->count = reading->again;
        return WEB_PARTLY;
}

static enum web_verdict elastic_judge(void *context, const struct http_reply *reply, struct web_rows *rows, char *why,
                                      size_t size)
{
        cleanup_free struct batch_refusal *refusals = calloc(rows->count, sizeof(*refusals));
        cleanup_free size_t *again = calloc(rows->count, sizeof(*again));
        struct reading reading = { .rows = rows, .refusals = refusals, .again_index = again };
        int r;

        (void)context;
        if (refusals == NULL || again == NULL) {
                (void)snprintf(why, size, "out of memory");
                return WEB_LATER;
        }
        r = reply_bulk(reply->body.data, reply->body.length, take_item, &reading);
        if (r < 0 || reading.items != rows->count) {
                (void)snprintf(
                        why, size,
                        "answers %ld with something else than a _bulk reply to these rows; is it the right address?",
                        reply->status);
                return WEB_LATER;
        }
        if (reading.why[0] != '\0')
                (void)snprintf(why, size, "%s", reading.why);
        return conclude(&reading);
}

static const struct web_type web_elastic = { .judge = elastic_judge };

static void elastic_close(void *sink)
{
        struct elastic *elastic = sink;

        if (elastic == NULL)
                return;
        web_close(&elastic->web);
        free(elastic);
}

static int elastic_open(const struct sink_config *sink, void **ret_sink, struct fault *fault)
{
        static const char *const headers[] = { "Content-Type: application/x-ndjson", NULL };
        struct elastic *elastic = calloc(1, sizeof(*elastic));

        if (elastic == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (web_open(&elastic->web, &web_elastic, elastic, sink, headers, fault) < 0) {
                elastic_close(elastic);
                return -1;
        }
        *ret_sink = elastic;
        return 0;
}

const struct sink_type sink_elastic = {
        .name = "elastic",
        .usage = "elastic:URL             Elasticsearch, OpenSearch; http(s)://HOST:9200/INDEX/_bulk",
        .keys = SINK_URL | SINK_LABEL | SINK_LOGIN | SINK_CA | SINK_CLIENT | SINK_TIMEOUT | SINK_SETTLE | SINK_GZIP |
                SINK_PROXY | SINK_CLEARTEXT | SINK_LINE,
        .line_bytes = LINE_BYTES,
        .check = http_check,
        .format = elastic_format,
        .open = elastic_open,
        .send = web_sink_send,
        .confirm = web_sink_confirm,
        .close = elastic_close,
        .disturbed = web_sink_disturbed,
};
