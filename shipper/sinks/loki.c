#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/clamp.h"
#include "shipper/fields.h"
#include "shipper/frame.h"
#include "shipper/line.h"
#include "shipper/reply.h"
#include "shipper/sinks/sink.h"
#include "shipper/text.h"
#include "shipper/web.h"

/* Grafana Loki, POST /loki/api/v1/push (grafana.com/docs/loki, HTTP API).
 *
 * A stream is made by few labels that do not change: service_name, host, verdict and the section's own; everything else is in the
 * line. Loki knows an entry by stream, time and line, and drops it when it comes again in the same bytes. It refuses entries that are
 * an hour behind their stream, older than a week, or in the future: a clock that jumped must not keep a row out of the logs. So the
 * time of an entry is raised to its stream's last (clamp.h); what Loki finds too old is raised to a floor, which is stored with the
 * cursor before it is used; what it finds too new is held at its stream's last time. The true time stands in the line. */
struct loki {
        struct web web; /* first: web.h */
        const struct sink_config *sink;
        struct clamp clamp; /* of what is acknowledged */
        int64_t ahead_ns; /* the server takes nothing from this time on; 0: not known */
};

enum { LINE_BYTES = 250000, NS_PER_US = 1000, AHEAD_S = 540 };
static const int64_t ns_per_s = 1000000000;

static void put_label(struct buf *buf, const char *name, size_t name_length, const char *value, size_t length)
{
        buf_put_text(buf, buf->data[buf->length - 1] == '{' ? "" : ",");
        text_put_quoted(buf, name, name_length);
        buf_put_char(buf, ':');
        text_put_quoted(buf, value, length);
}

static void put_field(struct buf *buf, const char *label, const struct export_row *row, enum field_id id)
{
        cleanup_buf struct buf text = BUF_INIT(AUDITDB_REC_MOST);
        const struct export_value *value = fields_find(row, id);

        if (value == NULL || value->length == 0)
                return;
        if (value->plain) {
                put_label(buf, label, strlen(label), value->text, value->length);
                return;
        }
        text_put_replaced(&text, value->text, value->length);
        buf->error = buf->error != 0 ? buf->error : text.error;
        if (buf->error == 0)
                put_label(buf, label, strlen(label), text.data, text.length);
}

static int loki_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                       const struct sink_config *sink)
{
        size_t at = frame_begin(buf, row->time_us);
        int r;

        buf_put_text(buf, "{\"service_name\":\"pam_diag\"");
        put_field(buf, "host", row, FIELD_HOST);
        put_field(buf, "verdict", row, FIELD_VERDICT);
        for (char **label = sink->labels; label != NULL && *label != NULL; label++) {
                const char *value = strchr(*label, '=') + 1;

                put_label(buf, *label, (size_t)(value - *label) - 1, value, strlen(value));
        }
        buf_put_char(buf, '}');
        frame_split(buf, at);
        r = line_put(buf, db, row, sink->line_bytes);
        if (r == 0 && buf->error == 0)
                buf->length--; /* the newline */
        return r < 0 ? r : buf->error;
}

static struct frame frame_at(const struct web_rows *rows, size_t i)
{
        size_t length = 0;
        const char *row = batch_row(rows->batch, rows->index[i], &length);

        return frame_of(row, length);
}

static int64_t time_of(const struct loki *loki, struct clamp *clamp, const struct frame *frame)
{
        uint64_t stream = clamp_stream(frame->head, frame->head_length);
        int64_t own = frame->time_us * NS_PER_US;

        if (loki->ahead_ns != 0 && own >= loki->ahead_ns) {
                own = clamp_now(clamp, stream);
                if (own == 0) /* its stream's first */
                        own = loki->ahead_ns - AHEAD_S * ns_per_s;
        }
        return clamp_raise(clamp, stream, own);
}

static void put_entry(struct buf *body, int64_t time_ns, const struct frame *frame, bool first)
{
        buf_put_text(body, first ? "[\"" : ",[\"");
        text_put_number(body, time_ns);
        buf_put_text(body, "\",");
        text_put_quoted(body, frame->bytes, frame->length);
        buf_put_char(body, ']');
}

/* The rows of the stream of row `from`, in their order. */
static void put_stream(struct buf *body, const struct web_rows *rows, size_t from, const int64_t *times, bool *placed)
{
        struct frame head = frame_at(rows, from);

        buf_put_text(body, "{\"stream\":");
        buf_put(body, head.head, head.head_length);
        buf_put_text(body, ",\"values\":[");
        for (size_t i = from; i < rows->count; i++) {
                struct frame frame = frame_at(rows, i);

                if (placed[i] || frame.head_length != head.head_length ||
                    memcmp(frame.head, head.head, head.head_length) != 0)
                        continue;
                put_entry(body, times[i], &frame, i == from);
                placed[i] = true;
        }
        buf_put_text(body, "]}");
}

static int loki_body(void *context, const struct web_rows *rows, struct buf *body)
{
        const struct loki *loki = context;
        struct clamp clamp = loki->clamp;
        cleanup_free int64_t *times = calloc(rows->count, sizeof(*times));
        cleanup_free bool *placed = calloc(rows->count, sizeof(*placed));

        if (times == NULL || placed == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < rows->count; i++) {
                struct frame frame = frame_at(rows, i);

                times[i] = time_of(loki, &clamp, &frame);
        }
        buf_put_text(body, "{\"streams\":[");
        for (size_t i = 0; i < rows->count; i++) {
                if (placed[i])
                        continue;
                buf_put_text(body, i > 0 ? "," : "");
                put_stream(body, rows, i, times, placed);
        }
        buf_put_text(body, "]}");
        return body->error;
}

static void loki_accepted(void *context, const struct web_rows *rows)
{
        struct loki *loki = context;

        for (size_t i = 0; i < rows->count; i++) {
                struct frame frame = frame_at(rows, i);

                (void)time_of(loki, &loki->clamp, &frame);
        }
}

/* 204; servers that speak the same protocol say 200 with nothing in it. A page of a proxy is no acknowledgement. */
static enum web_verdict loki_judge(void *context, const struct http_reply *reply, struct web_rows *rows, char *why,
                                   size_t size)
{
        (void)context;
        (void)rows;
        if (reply->status == 204 || reply->body.length == 0)
                return WEB_ACCEPTED;
        (void)snprintf(why, size, "answers %ld with a body, which Loki does not; is a proxy in between?",
                       reply->status);
        return WEB_LATER;
}

static enum web_next loki_refused(void *context, const struct http_reply *reply, const struct web_rows *rows)
{
        struct loki *loki = context;
        int64_t now_s = 0;
        int64_t floor = 0;

        (void)rows;
        if (reply->status != 400 || loki->sink->oldest_ms == 0)
                return WEB_DIVIDE;
        if (loki->ahead_ns == 0 && reply_has(reply->body.data, reply->body.length, "too new") &&
            reply_date(reply->date, &now_s) == 0) {
                loki->ahead_ns = (now_s + AHEAD_S) * ns_per_s;
                return WEB_REPEAT;
        }
        if (reply_loki_oldest(reply->body.data, reply->body.length, &floor) < 0)
                return WEB_DIVIDE;
        /* As far up as the section wants it, so that it is good for a day and more; what is only behind its stream needs no more than
         * the server says. */
        if (reply_date(reply->date, &now_s) == 0 && reply_has(reply->body.data, reply->body.length, "too old") &&
            now_s * ns_per_s - (int64_t)loki->sink->oldest_ms * 1000000 > floor)
                floor = now_s * ns_per_s - (int64_t)loki->sink->oldest_ms * 1000000;
        if (floor <= loki->clamp.floor_ns)
                return WEB_DIVIDE;
        loki->clamp.floor_ns = floor;
        return WEB_STORE;
}

static const struct web_type web_loki = {
        .body = loki_body,
        .judge = loki_judge,
        .accepted = loki_accepted,
        .refused = loki_refused,
};

static void loki_close(void *sink)
{
        struct loki *loki = sink;

        if (loki == NULL)
                return;
        web_close(&loki->web);
        free(loki);
}

static int loki_open(const struct sink_config *sink, void **ret_sink, struct fault *fault)
{
        cleanup_free char *tenant = NULL;
        const char *headers[] = { "Content-Type: application/json", NULL, NULL };
        struct loki *loki = calloc(1, sizeof(*loki));

        if (loki == NULL || (sink->tenant != NULL && asprintf(&tenant, "X-Scope-OrgID: %s", sink->tenant) < 0)) {
                tenant = NULL;
                free(loki);
                return fault_set(fault, FAULT_LATER, "out of memory");
        }
        headers[1] = tenant;
        loki->sink = sink;
        if (web_open(&loki->web, &web_loki, loki, sink, headers, fault) < 0) {
                loki_close(loki);
                return -1;
        }
        *ret_sink = loki;
        return 0;
}

static int loki_restore(void *sink, const char *state, struct fault *fault)
{
        struct loki *loki = sink;

        if (clamp_parse(state, &loki->clamp) == 0)
                return 0;
        return fault_set(fault, FAULT_DATA, "%s: its cursor's state is not one of Loki's; was the sink's type changed?",
                         loki->sink->name);
}

static void loki_state(const void *sink, struct buf *buf)
{
        clamp_print(&((const struct loki *)sink)->clamp, buf);
}

const struct sink_type sink_loki = {
        .name = "loki",
        .usage = "loki:URL                Grafana Loki; http(s)://HOST:3100/loki/api/v1/push",
        .keys = SINK_URL | SINK_LABEL | SINK_TENANT | SINK_LOGIN | SINK_CA | SINK_CLIENT | SINK_TIMEOUT | SINK_SETTLE |
                SINK_GZIP | SINK_PROXY | SINK_CLEARTEXT | SINK_OLDEST | SINK_LINE,
        .line_bytes = LINE_BYTES,
        .check = http_check,
        .format = loki_format,
        .open = loki_open,
        .send = web_sink_send,
        .confirm = web_sink_confirm,
        .close = loki_close,
        .restore = loki_restore,
        .state = loki_state,
        .disturbed = web_sink_disturbed,
};
