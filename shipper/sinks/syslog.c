#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"
#include "shipper/sinks/receiver.h"
#include "shipper/text.h"

/* Syslog, RFC 5424: to a unix socket, over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425).
 *
 * None of these has an acknowledgement. What can be had is this: over a stream each batch has a connection of its own, which we end and then
 * read to the receiver's end of it. An orderly end says that the receiving program has taken every byte out of its socket; one that is
 * killed, restarted or refuses our certificate in the middle resets the connection, and the batch is sent again. What the program then does
 * with the bytes is not known: a receiver that is killed with messages in its memory has lost them, while the cursor has passed them. For a
 * unix datagram socket the same is known from its queue. For UDP nothing is known at all. Where that is not enough there is RELP (relp.c).
 */
static const struct stream_scheme schemes[] = {
        { "unix", STREAM_UNIX_DATAGRAM, false, NULL }, { "unix-stream", STREAM_UNIX, false, NULL },
        { "udp", STREAM_UDP, false, "514" },           { "tcp", STREAM_TCP, false, NULL },
        { "tls", STREAM_TCP, true, "6514" },           { NULL, STREAM_TCP, false, NULL },
};

static const char *const options[] = { RECEIVER_OPTIONS, "framing", NULL };

enum framing { FRAMING_NONE, FRAMING_COUNT, FRAMING_LINE };

enum { OUT_BYTES = 64 * 1024, OUT_MOST = 32 * 1024 * 1024 };

struct syslog {
        struct receiver receiver;
        enum framing framing;
        struct stream *stream; /* of the batch that is being sent */
        struct buf out; /* frames that are not sent yet */
};

/* A datagram is a frame itself. Over a unix stream, lines are what receivers expect. */
static enum framing framing_of(const struct sink_config *config, enum stream_kind kind)
{
        const char *given = conf_option(config, "framing");

        if (kind == STREAM_UDP || kind == STREAM_UNIX_DATAGRAM)
                return FRAMING_NONE;
        if (given == NULL)
                return kind == STREAM_UNIX ? FRAMING_LINE : FRAMING_COUNT;
        return strcmp(given, "line") == 0 ? FRAMING_LINE : FRAMING_COUNT;
}

static void syslog_check(const struct sink_config *config, struct conf_check *check)
{
        const char *framing = conf_option(config, "framing");
        struct stream_url url;

        receiver_check(config, schemes, check);
        if (framing == NULL)
                return;
        if (strcmp(framing, "line") != 0 && strcmp(framing, "octet-count") != 0)
                conf_wrong(check, "framing", "expected octet-count or line");
        else if (stream_url_parse(config->target, schemes, &url) == NULL &&
                 (url.scheme->kind == STREAM_UDP || url.scheme->kind == STREAM_UNIX_DATAGRAM))
                conf_wrong(check, "framing", "a datagram has no framing: leave it out, or change the url");
}

static int syslog_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                         const struct sink_config *config)
{
        const struct syslog_form form = receiver_form(config, schemes);

        return syslog_message_put(buf, &form, db, row);
}

static void syslog_close(void *sink)
{
        struct syslog *syslog = sink;

        if (syslog == NULL)
                return;
        stream_free(syslog->stream);
        buf_free(&syslog->out);
        receiver_free(&syslog->receiver);
        free(syslog);
}

static int syslog_open(const struct sink_config *config, void **ret_sink, struct fault *fault)
{
        struct syslog *syslog = calloc(1, sizeof(*syslog));

        if (syslog == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        syslog->out = BUF_INIT(OUT_MOST);
        if (receiver_init(&syslog->receiver, config, schemes, fault) < 0) {
                syslog_close(syslog);
                return -1;
        }
        syslog->framing = framing_of(config, syslog->receiver.to.kind);
        *ret_sink = syslog;
        return 0;
}

static int flush(struct syslog *syslog, struct stream_why *why)
{
        int r = syslog->out.error;

        if (r == 0 && syslog->out.length > 0)
                r = stream_write(syslog->stream, syslog->out.data, syslog->out.length, why);
        buf_clear(&syslog->out);
        return r;
}

static int send_row(struct syslog *syslog, const char *message, size_t length, struct stream_why *why)
{
        if (syslog->framing == FRAMING_NONE)
                return stream_write(syslog->stream, message, length, why);
        if (syslog->framing == FRAMING_COUNT) {
                text_put_number(&syslog->out, (int64_t)length);
                buf_put_char(&syslog->out, ' ');
        }
        buf_put(&syslog->out, message, length);
        if (syslog->framing == FRAMING_LINE)
                buf_put_char(&syslog->out, '\n');
        return syslog->out.length >= OUT_BYTES || syslog->out.error < 0 ? flush(syslog, why) : 0;
}

static int syslog_send(void *sink, struct batch *batch, struct fault *fault)
{
        struct syslog *syslog = sink;
        struct stream_why why = { "out of memory" };
        int r = 0;

        stream_free(take_ptr(&syslog->stream));
        if (receiver_connect(&syslog->receiver, &syslog->stream, fault) < 0)
                return -1;
        for (size_t i = 0; i < batch->rows && r == 0; i++) {
                size_t length = 0;
                const char *message = batch_row(batch, i, &length);

                r = send_row(syslog, message, length, &why);
        }
        if (r == 0)
                r = flush(syslog, &why);
        return r < 0 ? receiver_fault(&syslog->receiver, r, &why, fault) : 0;
}

static int syslog_confirm(void *sink, const struct batch *batch, struct fault *fault)
{
        struct syslog *syslog = sink;
        struct stream_why why = { "" };
        int r = stream_finish(syslog->stream, &why);

        (void)batch;
        stream_free(take_ptr(&syslog->stream));
        return r < 0 ? receiver_fault(&syslog->receiver, r, &why, fault) : 0;
}

const struct sink_type sink_syslog = {
        .name = "syslog",
        .usage = "syslog:unix:/dev/log, syslog:tcp://HOST:PORT, syslog:tls://HOST[:6514], …   RFC 5424",
        .keys = RECEIVER_KEYS,
        .options = options,
        .check = syslog_check,
        .format = syslog_format,
        .open = syslog_open,
        .send = syslog_send,
        .confirm = syslog_confirm,
        .close = syslog_close,
};
