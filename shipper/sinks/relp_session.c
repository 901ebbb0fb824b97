#include "shipper/sinks/relp_session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "shipper/sinks/relp_frame.h"
#include "shipper/stream_wait.h"

enum {
        OUT_BYTES = 64 * 1024, /* sent at once; a single message may be larger */
        OUT_MOST = 32 * 1024 * 1024,
        IN_SIZE = RELP_REPLY_MOST + RELP_HEAD_MOST + 2,
        REPLY_OK = 200,
};

struct relp_session {
        struct stream *stream;
        struct buf out; /* frames that are not sent yet */
        uint32_t next; /* number of the next transaction */
        uint32_t waiting[RELP_WINDOW]; /* numbers without an answer, oldest first */
        size_t waiting_count;
        size_t in_used;
        char in[IN_SIZE]; /* what has come and is no whole frame yet */
};

static void session_free(struct relp_session *session)
{
        if (session == NULL)
                return;
        buf_free(&session->out);
        stream_free(session->stream);
        free(session);
}

static void session_free_at(struct relp_session **session)
{
        session_free(*session);
}

static uint32_t take_number(struct relp_session *session)
{
        uint32_t number = session->next;

        session->next = number == RELP_NUMBER_MOST ? 1 : number + 1;
        return number;
}

static int flush(struct relp_session *session, struct stream_why *ret_why)
{
        int r = session->out.error;

        if (r < 0)
                return stream_fail(ret_why, -r, "cannot make a frame: %s", strerror(-r));
        if (session->out.length > 0)
                r = stream_write(session->stream, session->out.data, session->out.length, ret_why);
        if (r == 0)
                buf_clear(&session->out);
        return r;
}

/* The next frame that is there whole, read when there is none. Its data lies in session->in until `drop_frame`. */
static int read_frame(struct relp_session *session, struct relp_frame *ret_frame, size_t *ret_used,
                      struct stream_why *ret_why)
{
        for (;;) {
                size_t got = 0;
                int r = relp_frame_parse(session->in, session->in_used, ret_frame, ret_used);

                if (r == 0)
                        return 0;
                if (r != -EAGAIN || session->in_used == sizeof(session->in))
                        return stream_fail(ret_why, EPROTO, "the answer is no RELP");
                r = stream_read(session->stream, session->in + session->in_used, sizeof(session->in) - session->in_used,
                                &got, ret_why);
                if (r < 0)
                        return r;
                if (got == 0)
                        return stream_fail(ret_why, ECONNRESET, "the receiver has ended the connection");
                session->in_used += got;
        }
}

static void drop_frame(struct relp_session *session, size_t used)
{
        session->in_used -= used;
        memmove(session->in, session->in + used, session->in_used);
}

/* 0 when the frame is the answer "200" to transaction `number`. */
static int judge(const struct relp_frame *frame, uint32_t number, int refused, struct stream_why *ret_why)
{
        char text[RELP_TEXT_SIZE];
        unsigned code = 0;

        if (frame->number == 0 && strcmp(frame->command, "serverclose") == 0)
                return stream_fail(ret_why, ECONNRESET, "the receiver has ended the session");
        if (strcmp(frame->command, "rsp") != 0 || frame->number != number ||
            relp_reply_parse(frame->data, frame->length, &code, text) < 0)
                return stream_fail(ret_why, EPROTO, "an answer that was not asked for: %" PRIu32 " %s", frame->number,
                                   frame->command);
        if (code != REPLY_OK)
                return stream_fail(ret_why, refused, "the receiver refuses: %u %s", code, text);
        return 0;
}

/* Answers come in the order of the messages: a transaction is only begun, not finished, at any other one's answer. */
static int read_answer(struct relp_session *session, struct stream_why *ret_why)
{
        struct relp_frame frame;
        size_t used = 0;
        int r = read_frame(session, &frame, &used, ret_why);

        if (r != 0)
                return r;
        r = judge(&frame, session->waiting[0], EREMOTEIO, ret_why);
        drop_frame(session, used);
        if (r < 0)
                return r;
        session->waiting_count--;
        memmove(session->waiting, session->waiting + 1, session->waiting_count * sizeof(session->waiting[0]));
        return 0;
}

static int greet(struct relp_session *session, struct stream_why *ret_why)
{
        static const char offers[] = "relp_version=0\nrelp_software=diag-ship," PAM_DIAG_VERSION "\ncommands=syslog";
        uint32_t number = take_number(session);
        struct relp_frame frame;
        size_t used = 0;
        int r;

        relp_frame_put(&session->out, number, "open", offers, strlen(offers));
        r = flush(session, ret_why);
        if (r == 0)
                r = read_frame(session, &frame, &used, ret_why);
        if (r != 0)
                return r;
        r = judge(&frame, number, ECONNREFUSED, ret_why);
        if (r == 0 && !relp_offers_suffice(frame.data, frame.length))
                r = stream_fail(ret_why, EPROTO, "the receiver does not take syslog messages by RELP version 0 or 1");
        drop_frame(session, used);
        return r;
}

int relp_session_open(struct stream *stream, struct relp_session **ret_session, struct stream_why *ret_why)
{
        __attribute__((cleanup(session_free_at))) struct relp_session *session = calloc(1, sizeof(*session));
        int r;

        if (session == NULL) {
                stream_free(stream);
                return stream_fail(ret_why, ENOMEM, "out of memory");
        }
        session->stream = stream;
        session->out = BUF_INIT(OUT_MOST);
        session->next = 1;
        r = greet(session, ret_why);
        if (r == 0)
                *ret_session = take_ptr(&session);
        return r;
}

int relp_session_send(struct relp_session *session, const char *message, size_t length, struct stream_why *ret_why)
{
        uint32_t number;
        int r = 0;

        if (session->waiting_count == RELP_WINDOW) {
                r = flush(session, ret_why);
                /* Half of it, so that messages travel in company. */
                while (r == 0 && session->waiting_count > RELP_WINDOW / 2)
                        r = read_answer(session, ret_why);
        }
        if (r < 0)
                return r;
        number = take_number(session);
        relp_frame_put(&session->out, number, "syslog", message, length);
        session->waiting[session->waiting_count++] = number;
        return session->out.length >= OUT_BYTES || session->out.error < 0 ? flush(session, ret_why) : 0;
}

int relp_session_drain(struct relp_session *session, struct stream_why *ret_why)
{
        int r = flush(session, ret_why);

        while (r == 0 && session->waiting_count > 0)
                r = read_answer(session, ret_why);
        return r;
}

void relp_session_close(struct relp_session *session)
{
        struct stream_why why;
        struct relp_frame frame;
        size_t used = 0;

        if (session == NULL)
                return;
        if (session->waiting_count == 0) {
                buf_clear(&session->out);
                relp_frame_put(&session->out, take_number(session), "close", NULL, 0);
                if (flush(session, &why) == 0 && read_frame(session, &frame, &used, &why) == 0)
                        (void)stream_finish(session->stream, &why);
        }
        session_free(session);
}
