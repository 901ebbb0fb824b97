#include "shipper/web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/mem.h"
#include "shipper/reply.h"
#include "shipper/web_body.h"

enum {
        STRANGE_MOST = 3, /* tries before a body is divided that the server fails on */
        REFUSED_MOST = 16, /* rows in a row before the whole is doubted */
        DEPTH_MOST = 64, /* segments that wait: one for each halving */
        BODY_FACTOR = 16,
        ROW_BODY_MOST = 64 * 1024 * 1024, /* one row may go past a batch */
        REPEATS_MOST = 3,
};

struct segment {
        size_t from;
        size_t count;
};

/* One batch on its way. */
struct job {
        struct web *web;
        struct batch *batch;
        size_t *rows; /* their numbers; segments are parts of this */
        struct segment waiting[DEPTH_MOST];
        size_t depth;
        size_t *doubtful; /* rows that alone make the server fail, before it has taken any other */
        size_t doubtful_count;
        size_t taken; /* a row of this batch that the server took; SIZE_MAX: none yet */
        unsigned repeats;
        char why[HTTP_WHY_SIZE + 100];
        uint64_t wait_ms; /* that the server asked for */
        struct fault *fault;
};

int web_open(struct web *web, const struct web_type *type, void *context, const struct sink_config *sink,
             const char *const *headers, struct fault *fault)
{
        *web = (struct web){ .type = type, .context = context, .query = "", .sink = sink };
        web->body = BUF_INIT(BODY_FACTOR * sink->batch_bytes + ROW_BODY_MOST);
        retry_start(&web->retry, sink->retry_ms);
        return http_open(sink, headers, &web->http, fault);
}

void web_close(struct web *web)
{
        http_close(web->http);
        web->http = NULL;
        buf_free(&web->body);
}

enum web_verdict web_judge_status(long status)
{
        if (status >= 200 && status <= 299)
                return WEB_ACCEPTED;
        if (status < 200 || status == 408 || status == 425 || status == 429 || (status >= 502 && status <= 504))
                return WEB_LATER;
        if (status >= 500)
                return WEB_STRANGE;
        if (status < 400 || status == 401 || status == 404 || status == 405 || status == 407)
                return WEB_CONFIG;
        return WEB_REFUSED;
}

/* "400 Bad…": the beginning of the reply's body, for a person. */
static void describe(struct job *job, const struct http_reply *reply)
{
        int n = snprintf(job->why, sizeof(job->why), "HTTP status %ld%s", reply->status,
                         reply->body.length > 0 ? ": " : "");

        for (size_t i = 0; i < reply->body.length && i < REPLY_WHY_SIZE && n + 1 < (int)sizeof(job->why); i++) {
                unsigned char c = (unsigned char)reply->body.data[i];

                job->why[n++] = (char)(c < 0x20 || c >= 0x7f ? ' ' : c);
        }
        job->why[n] = '\0';
}

static enum web_verdict judge(struct job *job, const struct http_reply *reply, struct web_rows *rows)
{
        struct web *web = job->web;
        enum web_verdict verdict;

        job->wait_ms = 0;
        if (reply->result != HTTP_REPLIED) {
                web->disturbed = true;
                (void)snprintf(job->why, sizeof(job->why), "%s", reply->why);
                return reply->result == HTTP_CONFIG ? WEB_CONFIG : WEB_LATER;
        }
        describe(job, reply);
        verdict = web_judge_status(reply->status);
        if (verdict == WEB_ACCEPTED)
                return web->type->judge(web->context, reply, rows, job->why, sizeof(job->why));
        if (reply->status >= 500)
                web->disturbed = true;
        if (verdict == WEB_LATER)
                (void)reply_retry_after(reply->retry_after, reply->date, clock_real_us() / 1000000, &job->wait_ms);
        return verdict;
}

/* Sends these rows once. *ret_reply is good until the next request. */
static int post(struct job *job, struct web_rows *rows, enum web_verdict *ret_verdict,
                const struct http_reply **ret_reply)
{
        struct web *web = job->web;
        const char *body = NULL;
        size_t length = 0;
        int r = web_body_make(web, rows, &body, &length);

        if (r < 0)
                return fault_set(job->fault, FAULT_LATER, "%s: cannot make a request: %s", web->sink->name,
                                 strerror(-r));
        *ret_reply = http_post(web->http, web->query, body, length);
        *ret_verdict = judge(job, *ret_reply, rows);
        return 0;
}

static void note_accepted(struct job *job, const struct web_rows *rows)
{
        struct web *web = job->web;

        if (web->type->accepted != NULL)
                web->type->accepted(web->context, rows);
        retry_success(&web->retry);
        web->accepted = true;
        web->refused_in_row = 0;
        job->taken = rows->index[rows->count - 1];
}

static int later(struct job *job)
{
        return fault_set(job->fault, FAULT_LATER, "%s: %s", job->web->sink->name, job->why);
}

static int wait_for_it(struct job *job)
{
        return retry_wait(&job->web->retry, job->wait_ms) < 0 ? later(job) : 0;
}

/* Sends one row by itself, once, to learn whether the server takes it. */
static int ask_row(struct job *job, size_t row, enum web_verdict *ret_verdict)
{
        const struct http_reply *reply;
        struct web_rows rows = { .batch = job->batch, .index = &row, .count = 1 };

        if (post(job, &rows, ret_verdict, &reply) < 0)
                return -1;
        if (*ret_verdict == WEB_ACCEPTED)
                note_accepted(job, &rows);
        return 0;
}

static int set_aside(struct job *job, size_t row)
{
        if (batch_refuse(job->batch, row, job->why) < 0)
                return fault_set(job->fault, FAULT_LATER, "out of memory");
        return 0;
}

static int refused_everything(struct job *job)
{
        return fault_set(job->fault, FAULT_CONFIG,
                         "%s: refuses every row; is it the right address and tenant? It says: %s", job->web->sink->name,
                         job->why);
}

/* So many refusals at a stretch look like a wrong address or tenant. The last row of the batch shows whether anything passes. */
static int doubt_configuration(struct job *job)
{
        enum web_verdict verdict = WEB_LATER;

        if (++job->web->refused_in_row < REFUSED_MOST)
                return 0;
        if (ask_row(job, job->batch->rows - 1, &verdict) < 0)
                return -1;
        if (verdict == WEB_ACCEPTED)
                return 0;
        if (verdict == WEB_LATER || verdict == WEB_STRANGE)
                return later(job);
        return refused_everything(job);
}

static void push(struct job *job, size_t from, size_t count)
{
        if (count > 0)
                job->waiting[job->depth++] = (struct segment){ .from = from, .count = count };
}

static void divide(struct job *job, const struct segment *segment)
{
        size_t half = segment->count / 2;

        push(job, segment->from + half, segment->count - half);
        push(job, segment->from, half);
}

/* One row on which the server fails (500). It is the row's fault when the server takes another one in between. */
static int doubt_row(struct job *job, size_t row)
{
        enum web_verdict verdict = WEB_LATER;

        if (job->taken == SIZE_MAX) {
                job->doubtful[job->doubtful_count++] = row;
                return 0;
        }
        /* A row that was taken before: at the worst it is stored twice, with the same bytes. */
        if (ask_row(job, job->taken, &verdict) < 0)
                return -1;
        if (verdict != WEB_ACCEPTED)
                return later(job);
        if (ask_row(job, row, &verdict) < 0)
                return -1;
        if (verdict == WEB_ACCEPTED)
                return 0;
        return verdict == WEB_LATER || verdict == WEB_CONFIG ? later(job) : set_aside(job, row);
}

static int settle_doubts(struct job *job)
{
        while (job->doubtful_count > 0 && job->taken != SIZE_MAX)
                if (doubt_row(job, job->doubtful[--job->doubtful_count]) < 0)
                        return -1;
        return 0;
}

/* What is next for a segment: nothing, the same once more, or the state. */
enum { DONE = 0, AGAIN = 2, STATE_FIRST = SINK_STATE_FIRST };

static int handle_refusal(struct job *job, const struct segment *segment, const struct web_rows *rows,
                          const struct http_reply *reply)
{
        const struct web *web = job->web;
        enum web_next next = web->type->refused != NULL && reply->result == HTTP_REPLIED && job->repeats < REPEATS_MOST
                                     ? web->type->refused(web->context, reply, rows)
                                     : WEB_DIVIDE;

        if (next != WEB_DIVIDE) {
                job->repeats++;
                return next == WEB_STORE ? STATE_FIRST : AGAIN;
        }
        if (segment->count > 1) {
                divide(job, segment);
                return DONE;
        }
        if (set_aside(job, rows->index[0]) < 0 || doubt_configuration(job) < 0)
                return -1;
        return DONE;
}

static int handle_strange(struct job *job, const struct segment *segment, unsigned *tries)
{
        if (++*tries < STRANGE_MOST)
                return wait_for_it(job) < 0 ? -1 : AGAIN;
        if (segment->count > 1) {
                divide(job, segment);
                return DONE;
        }
        return doubt_row(job, job->rows[segment->from]);
}

static int send_once(struct job *job, struct segment *segment, unsigned *tries)
{
        struct web_rows rows = { .batch = job->batch, .index = job->rows + segment->from, .count = segment->count };
        const struct http_reply *reply = NULL;
        enum web_verdict verdict = WEB_LATER;

        if (post(job, &rows, &verdict, &reply) < 0)
                return -1;
        switch (verdict) {
        case WEB_ACCEPTED:
                note_accepted(job, &rows);
                return settle_doubts(job);
        case WEB_PARTLY:
                job->web->accepted = job->web->accepted || rows.some;
                if (rows.count < segment->count)
                        retry_success(&job->web->retry);
                segment->count = rows.count;
                if (rows.count == 0)
                        return DONE;
                return wait_for_it(job) < 0 ? -1 : AGAIN;
        case WEB_REFUSED:
                return handle_refusal(job, segment, &rows, reply);
        case WEB_STRANGE:
                return handle_strange(job, segment, tries);
        case WEB_LATER:
                return wait_for_it(job) < 0 ? -1 : AGAIN;
        case WEB_CONFIG:
                break;
        }
        return fault_set(job->fault, FAULT_CONFIG, "%s: %s", job->web->sink->name, job->why);
}

static int send_segment(struct job *job, struct segment segment)
{
        unsigned tries = 0;
        int r;

        do
                r = send_once(job, &segment, &tries);
        while (r == AGAIN);
        return r;
}

static int send_all(struct job *job)
{
        push(job, 0, job->batch->rows);
        while (job->depth > 0) {
                int r = send_segment(job, job->waiting[--job->depth]);

                if (r == STATE_FIRST)
                        return SINK_STATE_FIRST;
                if (r < 0)
                        return -1;
        }
        if (job->doubtful_count > 0)
                return later(job);
        if (job->batch->refusal_count > 0 && !job->web->accepted)
                return refused_everything(job);
        return 0;
}

int web_send(struct web *web, struct batch *batch, struct fault *fault)
{
        cleanup_free size_t *rows = calloc(2 * batch->rows, sizeof(*rows));
        struct job job = { .web = web, .batch = batch, .rows = rows, .taken = SIZE_MAX, .fault = fault };

        if (rows == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        job.doubtful = rows + batch->rows;
        for (size_t i = 0; i < batch->rows; i++)
                rows[i] = i;
        return send_all(&job);
}

int web_sink_send(void *sink, struct batch *batch, struct fault *fault)
{
        return web_send(sink, batch, fault);
}

int web_sink_confirm(void *sink, const struct batch *batch, struct fault *fault)
{
        (void)sink;
        (void)batch;
        (void)fault;
        return 0;
}

bool web_sink_disturbed(void *sink)
{
        struct web *web = sink;
        bool disturbed = web->disturbed;

        web->disturbed = false;
        return disturbed;
}

bool web_is_same_server(struct web *web, const char *path)
{
        const struct http_reply *reply = http_get(web->http, path);

        return reply->result == HTTP_REPLIED && reply->status < 500 && !reply->fresh;
}
