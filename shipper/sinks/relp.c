#include <errno.h>
#include <stdlib.h>

#include "shipper/sinks/receiver.h"
#include "shipper/sinks/relp_session.h"

/* Syslog messages by RELP: the receiver acknowledges each message once it has it, so the cursor moves only past what it has. (rsyslog
 * acknowledges what it has put into its queue: a queue in memory is lost with the process; give it a disk-assisted one.) */
static const struct stream_scheme schemes[] = {
        { "relp", STREAM_TCP, false, "2514" },
        { "relps", STREAM_TCP, true, "2514" },
        { NULL, STREAM_TCP, false, NULL },
};

static const char *const options[] = { RECEIVER_OPTIONS, NULL };

struct relp {
        struct receiver receiver;
        struct relp_session *session;
};

static void relp_check(const struct sink_config *config, struct conf_check *check)
{
        receiver_check(config, schemes, check);
}

static int relp_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                       const struct sink_config *config)
{
        const struct syslog_form form = receiver_form(config, schemes);

        return syslog_message_put(buf, &form, db, row);
}

static void relp_close(void *sink)
{
        struct relp *relp = sink;

        if (relp == NULL)
                return;
        relp_session_close(relp->session);
        receiver_free(&relp->receiver);
        free(relp);
}

static int start_session(struct relp *relp, struct fault *fault)
{
        struct stream_why why = { "" };
        struct stream *stream = NULL;
        int r;

        if (receiver_connect(&relp->receiver, &stream, fault) < 0)
                return -1;
        r = relp_session_open(stream, &relp->session, &why);
        return r < 0 ? receiver_fault(&relp->receiver, r, &why, fault) : 0;
}

static int relp_open(const struct sink_config *config, void **ret_sink, struct fault *fault)
{
        struct relp *relp = calloc(1, sizeof(*relp));

        if (relp == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (receiver_init(&relp->receiver, config, schemes, fault) < 0 || start_session(relp, fault) < 0) {
                relp_close(relp);
                return -1;
        }
        *ret_sink = relp;
        return 0;
}

static int relp_send(void *sink, struct batch *batch, struct fault *fault)
{
        struct relp *relp = sink;
        struct stream_why why = { "" };
        int r = 0;

        for (size_t i = 0; i < batch->rows && r == 0; i++) {
                size_t length = 0;
                const char *message = batch_row(batch, i, &length);

                r = relp_session_send(relp->session, message, length, &why);
        }
        return r < 0 ? receiver_fault(&relp->receiver, r, &why, fault) : 0;
}

static int relp_confirm(void *sink, const struct batch *batch, struct fault *fault)
{
        struct relp *relp = sink;
        struct stream_why why = { "" };
        int r = relp_session_drain(relp->session, &why);

        (void)batch;
        return r < 0 ? receiver_fault(&relp->receiver, r, &why, fault) : 0;
}

const struct sink_type sink_relp = {
        .name = "relp",
        .usage = "relp:relp://HOST[:2514], relp:relps://HOST[:2514]   RFC 5424 messages, acknowledged each",
        .keys = RECEIVER_KEYS,
        .options = options,
        .check = relp_check,
        .format = relp_format,
        .open = relp_open,
        .send = relp_send,
        .confirm = relp_confirm,
        .close = relp_close,
};
