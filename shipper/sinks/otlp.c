#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/fields.h"
#include "shipper/frame.h"
#include "shipper/otel.h"
#include "shipper/reply.h"
#include "shipper/sinks/otlp_record.h"
#include "shipper/sinks/sink.h"
#include "shipper/text.h"
#include "shipper/web.h"

/* An OpenTelemetry collector, POST /v1/logs, JSON (opentelemetry.io/docs/specs/otlp, OTLP/HTTP).
 *
 * Rows of one host are one resource. A reply with partialSuccess says how many records were rejected, but not which, and forbids to send
 * them again: then all rows of that request are set aside beside those that were stored, so that none is lost, and the operator finds
 * by log.record.uid which are there. */
struct otlp {
        struct web web; /* first: web.h */
        const struct sink_config *sink;
};

enum { RECORD_BYTES = 1024 * 1024 };

static int otlp_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                       const struct sink_config *sink)
{
        const struct export_value *host = fields_find(row, FIELD_HOST);
        size_t at = frame_begin(buf, row->time_us);

        if (host != NULL)
                text_put_replaced(buf, host->text, host->length);
        frame_split(buf, at);
        return otlp_record_put(buf, db, row, sink->line_bytes);
}

static struct frame frame_at(const struct web_rows *rows, size_t i)
{
        size_t length = 0;
        const char *row = batch_row(rows->batch, rows->index[i], &length);

        return frame_of(row, length);
}

static void put_resource(const struct otlp *otlp, const struct frame *frame, struct buf *body)
{
        static const char service[] = "service.name";
        static const char host[] = "host.name";

        buf_put_text(body, "{\"resource\":{\"attributes\":[");
        otlp_put_string(body, service, sizeof(service) - 1, OTEL_SERVICE, sizeof(OTEL_SERVICE) - 1);
        if (frame->head_length > 0) {
                buf_put_char(body, ',');
                otlp_put_string(body, host, sizeof(host) - 1, frame->head, frame->head_length);
        }
        for (char **label = otlp->sink->labels; label != NULL && *label != NULL; label++) {
                const char *value = strchr(*label, '=') + 1;

                buf_put_char(body, ',');
                otlp_put_string(body, *label, (size_t)(value - *label) - 1, value, strlen(value));
        }
        buf_put_text(body, "]},\"scopeLogs\":[{\"scope\":{\"name\":\"" OTEL_SERVICE
                           "\"},\"schemaUrl\":\"" OTEL_SCHEMA_URL "\",\"logRecords\":[");
}

/* Rows in their order: a new resource begins where the host changes. */
static int otlp_body(void *context, const struct web_rows *rows, struct buf *body)
{
        struct frame before = { 0 };

        buf_put_text(body, "{\"resourceLogs\":[");
        for (size_t i = 0; i < rows->count; i++) {
                struct frame frame = frame_at(rows, i);

                if (i == 0 || frame.head_length != before.head_length ||
                    memcmp(frame.head, before.head, frame.head_length) != 0) {
                        buf_put_text(body, i > 0 ? "]}]}," : "");
                        put_resource(context, &frame, body);
                } else {
                        buf_put_char(body, ',');
                }
                buf_put(body, frame.bytes, frame.length);
                before = frame;
        }
        buf_put_text(body, "]}]}]}");
        return body->error;
}

static int set_all_aside(struct web_rows *rows, const char *why)
{
        for (size_t i = 0; i < rows->count; i++)
                if (batch_refuse(rows->batch, rows->index[i], why) < 0)
                        return -ENOMEM;
        return 0;
}

static enum web_verdict otlp_judge(void *context, const struct http_reply *reply, struct web_rows *rows, char *why,
                                   size_t size)
{
        char message[REPLY_WHY_SIZE] = "";
        int64_t rejected = 0;

        (void)context;
        if (reply_otlp(reply->body.data, reply->body.length, &rejected, message) < 0) {
                (void)snprintf(why, size, "answers %ld with something else than OTLP's JSON; is it the right address?",
                               reply->status);
                return WEB_LATER;
        }
        if (rejected == 0)
                return WEB_ACCEPTED;
        (void)snprintf(why, size, "%lld of %zu records rejected%s%s", (long long)rejected, rows->count,
                       message[0] != '\0' ? ": " : "", message);
        /* None of them was stored: so they may be sent again, in parts. */
        if (rejected >= (int64_t)rows->count)
                return WEB_REFUSED;
        return set_all_aside(rows, why) < 0 ? WEB_LATER : WEB_ACCEPTED;
}

static const struct web_type web_otlp = { .body = otlp_body, .judge = otlp_judge };

static void otlp_close(void *sink)
{
        struct otlp *otlp = sink;

        if (otlp == NULL)
                return;
        web_close(&otlp->web);
        free(otlp);
}

static int otlp_open(const struct sink_config *sink, void **ret_sink, struct fault *fault)
{
        cleanup_free char *tenant = NULL;
        const char *headers[] = { "Content-Type: application/json", NULL, NULL };
        struct otlp *otlp = calloc(1, sizeof(*otlp));

        if (otlp == NULL || (sink->tenant != NULL && asprintf(&tenant, "X-Scope-OrgID: %s", sink->tenant) < 0)) {
                tenant = NULL;
                free(otlp);
                return fault_set(fault, FAULT_LATER, "out of memory");
        }
        headers[1] = tenant;
        otlp->sink = sink;
        if (web_open(&otlp->web, &web_otlp, otlp, sink, headers, fault) < 0) {
                otlp_close(otlp);
                return -1;
        }
        *ret_sink = otlp;
        return 0;
}

const struct sink_type sink_otlp = {
        .name = "otlp",
        .usage = "otlp:URL                OpenTelemetry; http(s)://HOST:4318/v1/logs",
        .keys = SINK_URL | SINK_LABEL | SINK_TENANT | SINK_LOGIN | SINK_CA | SINK_CLIENT | SINK_TIMEOUT | SINK_SETTLE |
                SINK_GZIP | SINK_PROXY | SINK_CLEARTEXT | SINK_LINE,
        .line_bytes = RECORD_BYTES,
        .check = http_check,
        .format = otlp_format,
        .open = otlp_open,
        .send = web_sink_send,
        .confirm = web_sink_confirm,
        .close = otlp_close,
        .disturbed = web_sink_disturbed,
};
