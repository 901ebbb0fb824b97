#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "shipper/line.h"
#include "shipper/sinks/sink.h"
#include "shipper/web.h"

/* VictoriaLogs, POST /insert/jsonline (docs.victoriametrics.com/victorialogs/data-ingestion).
 *
 * It says 200 to everything: to lines that it drops (too long, no JSON), and to a body of another content type, of which it stores
 * nothing. So lines are kept below its limit, and the type is the right one. What it acknowledged less than some five seconds before
 * it is killed is lost: hence the delay before the cursor moves, and the question at its end whether it is still the same server. */
struct victorialogs {
        struct web web; /* first: web.h */
        char *query;
};

enum { LINE_BYTES = 250000, SETTLE_MS = 6000, QUERY_MOST = 64 * 1024 };

/* `tenant = ACCOUNT:PROJECT`, two numbers of 32 bits. */
static int split_tenant(const char *tenant, uint64_t *ret_account, uint64_t *ret_project)
{
        const char *colon = strchr(tenant, ':');
        cleanup_free char *account = NULL;

        if (colon == NULL)
                return -EINVAL;
        account = strndup(tenant, (size_t)(colon - tenant));
        if (account == NULL)
                return -ENOMEM;
        if (num_parse_u64(account, 0, UINT32_MAX, ret_account) < 0 ||
            num_parse_u64(colon + 1, 0, UINT32_MAX, ret_project) < 0)
                return -EINVAL;
        return 0;
}

static void victorialogs_check(const struct sink_config *sink, struct conf_check *check)
{
        uint64_t account = 0;
        uint64_t project = 0;

        http_check(sink, check);
        if (strchr(sink->target, '?') != NULL)
                conf_wrong(check, "url", "the URL ends before `?`: diag-ship adds the names of its fields itself");
        if (sink->tenant != NULL && split_tenant(sink->tenant, &account, &project) < 0)
                conf_wrong(check, "tenant", "expected ACCOUNT:PROJECT, two numbers");
}

static int victorialogs_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                               const struct sink_config *sink)
{
        return line_put(buf, db, row, sink->line_bytes);
}

static enum web_verdict victorialogs_judge(void *context, const struct http_reply *reply, struct web_rows *rows,
                                           char *why, size_t size)
{
        (void)context;
        (void)rows;
        if (reply->body.length == 0)
                return WEB_ACCEPTED;
        (void)snprintf(why, size, "answers %ld with a body, which VictoriaLogs does not; is a proxy in between?",
                       reply->status);
        return WEB_LATER;
}

static const struct web_type web_victorialogs = { .judge = victorialogs_judge };

static void put_escaped(struct buf *buf, const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)text[i];

                if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                    c == '.' || c == '-')
                        buf_put_char(buf, (char)c);
                else
                        buf_printf(buf, "%%%02X", c);
        }
}

/* Labels are fields of every row, and of the stream's name. */
static int make_query(const struct sink_config *sink, char **ret_query)
{
        cleanup_buf struct buf buf = BUF_INIT(QUERY_MOST);

        buf_put_text(&buf, "?_time_field=time&_msg_field=body&_stream_fields=host.name,diag.verdict");
        for (char **label = sink->labels; label != NULL && *label != NULL; label++) {
                buf_put_char(&buf, ',');
                put_escaped(&buf, *label, strcspn(*label, "="));
        }
        for (char **label = sink->labels; label != NULL && *label != NULL; label++) {
                buf_put_text(&buf, label == sink->labels ? "&extra_fields=" : ",");
                put_escaped(&buf, *label, strcspn(*label, "="));
                buf_put_char(&buf, '=');
                put_escaped(&buf, strchr(*label, '=') + 1, strlen(strchr(*label, '=') + 1));
        }
        if (buf.error < 0)
                return buf.error;
        *ret_query = take_ptr(&buf.data);
        return 0;
}

static void victorialogs_close(void *sink)
{
        struct victorialogs *victorialogs = sink;

        if (victorialogs == NULL)
                return;
        web_close(&victorialogs->web);
        free(victorialogs->query);
        free(victorialogs);
}

static int open_web(struct victorialogs *victorialogs, const struct sink_config *sink, struct fault *fault)
{
        char account_header[48];
        char project_header[48];
        const char *headers[] = { "Content-Type: application/stream+json", NULL, NULL, NULL };
        uint64_t account = 0;
        uint64_t project = 0;

        if (make_query(sink, &victorialogs->query) < 0)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (sink->tenant != NULL && split_tenant(sink->tenant, &account, &project) == 0) {
                (void)snprintf(account_header, sizeof(account_header), "AccountID: %llu", (unsigned long long)account);
                (void)snprintf(project_header, sizeof(project_header), "ProjectID: %llu", (unsigned long long)project);
                headers[1] = account_header;
                headers[2] = project_header;
        }
        if (web_open(&victorialogs->web, &web_victorialogs, victorialogs, sink, headers, fault) < 0)
                return -1;
        victorialogs->web.query = victorialogs->query;
        return 0;
}

static int victorialogs_open(const struct sink_config *sink, void **ret_sink, struct fault *fault)
{
        struct victorialogs *victorialogs = calloc(1, sizeof(*victorialogs));

        if (victorialogs == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (open_web(victorialogs, sink, fault) < 0) {
                victorialogs_close(victorialogs);
                return -1;
        }
        *ret_sink = victorialogs;
        return 0;
}

static bool victorialogs_alive(void *sink)
{
        return web_is_same_server(sink, "/health");
}

const struct sink_type sink_victorialogs = {
        .name = "victorialogs",
        .usage = "victorialogs:URL        VictoriaLogs; http(s)://HOST:9428/insert/jsonline",
        .keys = SINK_URL | SINK_LABEL | SINK_TENANT | SINK_LOGIN | SINK_CA | SINK_CLIENT | SINK_TIMEOUT | SINK_SETTLE |
                SINK_GZIP | SINK_PROXY | SINK_CLEARTEXT | SINK_LINE,
        .settle_ms = SETTLE_MS,
        .line_bytes = LINE_BYTES,
        .check = victorialogs_check,
        .format = victorialogs_format,
        .open = victorialogs_open,
        .send = web_sink_send,
        .confirm = web_sink_confirm,
        .close = victorialogs_close,
        .disturbed = web_sink_disturbed,
        .alive = victorialogs_alive,
};
