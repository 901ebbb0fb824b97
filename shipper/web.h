/* Batches to an HTTP server: tried again while that may help, divided while the server refuses, down to the row.
 *
 * Linked by: diag-ship.
 *
 * What an answer means is decided here for its status, and by the sink for the body of a 2xx. A row is set aside only when it was
 * refused alone and the server has taken others in the same run; where it refuses everything, that is a fault of the configuration,
 * and nothing is set aside.
 */
#pragma once

#include "shipper/batch.h"
#include "shipper/http.h"
#include "shipper/retry.h"
#include "shipper/sinks/sink.h"

enum web_verdict {
        WEB_ACCEPTED,
        WEB_PARTLY, /* some rows must be sent again: the judge has put them at the beginning of rows->index */
        WEB_REFUSED, /* as it is, for good; smaller or other rows may pass */
        WEB_STRANGE, /* may be the server's trouble or this body's fault */
        WEB_LATER,
        WEB_CONFIG,
};

/* Some rows of a batch. */
struct web_rows {
        struct batch *batch;
        size_t *index;
        size_t count;
        bool some; /* out, of WEB_PARTLY: others of them are stored */
};

enum web_next {
        WEB_DIVIDE, /* nothing is known that would help */
        WEB_REPEAT, /* the sink will write another body for the same rows */
        WEB_STORE, /* the same, once the sink's new state is durable */
};

struct web_type {
        /* Appends the body. 0 or -errno. NULL: it is the rows' bytes, one behind the other, and is not put together at all. */
        int (*body)(void *context, const struct web_rows *rows, struct buf *body);
        /* Judges a 2xx. On WEB_PARTLY rows->count is what is left; rows that were refused have been set aside by batch_refuse. What
         * is wrong goes to `why`. */
        enum web_verdict (*judge)(void *context, const struct http_reply *reply, struct web_rows *rows, char *why,
                                  size_t size);
        /* These rows are stored. NULL when the sink keeps no state. */
        void (*accepted)(void *context, const struct web_rows *rows);
        /* These were refused by a 4xx. NULL: divide. */
        enum web_next (*refused)(void *context, const struct http_reply *reply, const struct web_rows *rows);
};

struct web {
        const struct web_type *type;
        void *context; /* of the type's functions */
        const char *query; /* behind the URL, "" for none; the sink's */
        const struct sink_config *sink;
        struct http *http;
        struct retry retry;
        struct buf body;
        bool accepted; /* something, in this run */
        bool disturbed; /* a request failed in a way that a restart of the server would look like */
        unsigned refused_in_row; /* rows, without an accepted one in between */
};

/* `headers` (ended by NULL) go with every request. */
int web_open(struct web *web, const struct web_type *type, void *context, const struct sink_config *sink,
             const char *const *headers, struct fault *fault);
void web_close(struct web *web);
/* As a sink's send: 0, -1 or SINK_STATE_FIRST. */
int web_send(struct web *web, struct batch *batch, struct fault *fault);

/* A sink's functions, for sinks whose struct begins with its struct web. */
int web_sink_send(void *sink, struct batch *batch, struct fault *fault);
int web_sink_confirm(void *sink, const struct batch *batch,
                     struct fault *fault); /* the reply was the acknowledgement */
bool web_sink_disturbed(void *sink);

/* What a status says, as far as it alone does; WEB_ACCEPTED for 2xx. A 403 may be a filter that dislikes one row. Pure. */
enum web_verdict web_judge_status(long status);

/* Is the server still the one that acknowledged (no connection had to be made anew)? */
bool web_is_same_server(struct web *web, const char *path);
