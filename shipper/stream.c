#include "shipper/stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "shipper/stream_tls.h"
#include "shipper/stream_wait.h"

/* How often the queue of a datagram socket is looked at; poll(2) cannot wait for that. */
enum { QUEUE_STEP_MS = 2 };

struct stream {
        int fd;
        enum stream_kind kind;
        unsigned bound_ms;
        struct tls *tls; /* NULL: none */
        char *path; /* of a unix datagram socket */
        struct stat node; /* of that path at the beginning */
};

void stream_free(struct stream *stream)
{
        if (stream == NULL)
                return;
        tls_free(stream->tls);
        stream->fd = fd_close(stream->fd);
        free(stream->path);
        free(stream);
}

static int64_t bound_of(const struct stream *stream)
{
        return clock_monotonic_ms() + stream->bound_ms;
}

static int prepare(struct stream *stream, const struct stream_to *to, struct stream_why *ret_why)
{
        int64_t until = bound_of(stream);
        int r;

        if (to->kind == STREAM_UNIX_DATAGRAM) {
                stream->path = strdup(to->path);
                if (stream->path == NULL)
                        return stream_fail(ret_why, ENOMEM, "out of memory");
                if (stat(stream->path, &stream->node) < 0)
                        return stream_fail(ret_why, errno, "cannot connect: %s", strerror(errno));
        }
        r = stream_connect(to, until, &stream->fd, ret_why);
        if (r < 0 || to->tls == NULL)
                return r;
        return tls_open(stream->fd, to->tls, to->tls->name != NULL ? to->tls->name : to->host, until, &stream->tls,
                        ret_why);
}

int stream_open(const struct stream_to *to, struct stream **ret_stream, struct stream_why *ret_why)
{
        cleanup_stream struct stream *stream = calloc(1, sizeof(*stream));
        int r;

        if (stream == NULL)
                return stream_fail(ret_why, ENOMEM, "out of memory");
        stream->fd = -1;
        stream->kind = to->kind;
        stream->bound_ms = to->bound_ms;
        r = prepare(stream, to, ret_why);
        if (r == 0)
                *ret_stream = take_ptr(&stream);
        return r;
}

/* MSG_NOSIGNAL beside the ignored SIGPIPE: nothing is gained by relying on the one alone. */
static int write_plain(const struct stream *stream, const char *data, size_t length, struct stream_why *ret_why)
{
        int64_t until = bound_of(stream);
        size_t done = 0;

        /* An empty datagram is one, too; nobody sends that here. */
        while (done < length) {
                ssize_t n = send(stream->fd, data + done, length - done, MSG_NOSIGNAL);
                int r = n < 0 ? -errno : 0;

                if (n >= 0)
                        done += (size_t)n;
                else if (r == -EAGAIN)
                        r = stream_wait(stream->fd, POLLOUT, until);
                else if (r == -EINTR)
                        r = 0;
                if (r == -ETIMEDOUT)
                        return stream_fail(ret_why, ETIMEDOUT, "takes no more data for %u ms", stream->bound_ms);
                if (r < 0)
                        return stream_fail(ret_why, -r, "cannot send: %s", strerror(-r));
        }
        return 0;
}

int stream_write(struct stream *stream, const void *data, size_t length, struct stream_why *ret_why)
{
        if (stream->tls != NULL)
                return tls_write(stream->tls, data, length, bound_of(stream), ret_why);
        return write_plain(stream, data, length, ret_why);
}

static int read_plain(const struct stream *stream, void *data, size_t size, int64_t until, size_t *ret_length,
                      struct stream_why *ret_why)
{
        for (;;) {
                ssize_t n = recv(stream->fd, data, size, 0);
                int r = n < 0 ? -errno : 0;

                if (n >= 0) {
                        *ret_length = (size_t)n;
                        return 0;
                }
                if (r == -EAGAIN)
                        r = stream_wait(stream->fd, POLLIN, until);
                if (r == -ETIMEDOUT)
                        return stream_fail(ret_why, ETIMEDOUT, "no answer for %u ms", stream->bound_ms);
                if (r < 0 && r != -EINTR)
                        return stream_fail(ret_why, -r, "cannot read the answer: %s", strerror(-r));
        }
}

static int read_until(struct stream *stream, void *data, size_t size, int64_t until, size_t *ret_length,
                      struct stream_why *ret_why)
{
        if (stream->tls != NULL)
                return tls_read(stream->tls, data, size, until, ret_length, ret_why);
        return read_plain(stream, data, size, until, ret_length, ret_why);
}

int stream_read(struct stream *stream, void *data, size_t size, size_t *ret_length, struct stream_why *ret_why)
{
        const int on = 1;

        /* A receiver that answers in small pieces may wait, for each, until its last piece is acknowledged (Nagle's algorithm): ours is
         * not to wait for company then. The option lasts for a moment only (tcp(7)). */
        if (stream->kind == STREAM_TCP)
                (void)setsockopt(stream->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
        return read_until(stream, data, size, bound_of(stream), ret_length, ret_why);
}

/* Over TLS the end that counts is the receiver's, not that of our sending half: close_notify tells it, and the TCP connection stays
 * whole, since the receiver's own close_notify must still find a reader. */
static int end_stream(struct stream *stream, struct stream_why *ret_why)
{
        int64_t until = bound_of(stream);
        char dropped[4096];
        size_t length = 0;
        int r = 0;

        if (stream->tls != NULL) {
                r = tls_end(stream->tls, until, ret_why);
                if (r < 0)
                        return r;
        } else if (shutdown(stream->fd, SHUT_WR) < 0) {
                return stream_fail(ret_why, errno, "cannot end the connection: %s", strerror(errno));
        }
        do
                r = read_until(stream, dropped, sizeof(dropped), until, &length, ret_why);
        while (r == 0 && length > 0 && clock_monotonic_ms() < until);
        if (r == -ETIMEDOUT || (r == 0 && length > 0))
                return stream_fail(ret_why, ETIMEDOUT, "does not end the connection for %u ms", stream->bound_ms);
        return r;
}

/* A receiver that was started anew has bound a node of its own. */
static int look_for_receiver(const struct stream *stream, struct stream_why *ret_why)
{
        struct stat now;

        if (stat(stream->path, &now) < 0 || now.st_dev != stream->node.st_dev || now.st_ino != stream->node.st_ino ||
            now.st_ctim.tv_sec != stream->node.st_ctim.tv_sec || now.st_ctim.tv_nsec != stream->node.st_ctim.tv_nsec)
                return stream_fail(ret_why, ECONNRESET, "the receiver was started anew meanwhile");
        return 0;
}

/* A dead receiver leaves its node behind: a new socket cannot connect to it (ECONNREFUSED), while the queue of the old one is empty, as
 * what was in it is thrown away. */
static int look_for_listener(const struct stream *stream, int64_t until, struct stream_why *ret_why)
{
        const struct stream_to to = { .kind = STREAM_UNIX_DATAGRAM, .path = stream->path };
        cleanup_fd int fd = -1;

        return stream_connect(&to, until, &fd, ret_why);
}

/* SIOCOUTQ on a unix socket: bytes that the receiver has not read yet (unix(7)). */
static int end_datagrams(const struct stream *stream, struct stream_why *ret_why)
{
        const struct timespec step = { .tv_nsec = QUEUE_STEP_MS * 1000000L };
        int64_t until = bound_of(stream);
        int queued = 0;

        for (;;) {
                if (ioctl(stream->fd, SIOCOUTQ, &queued) < 0)
                        return stream_fail(ret_why, errno, "cannot look at the queue: %s", strerror(errno));
                if (queued == 0)
                        break;
                if (clock_monotonic_ms() >= until)
                        return stream_fail(ret_why, ETIMEDOUT, "leaves messages in its socket for %u ms",
                                           stream->bound_ms);
                (void)nanosleep(&step, NULL);
        }
        if (look_for_receiver(stream, ret_why) < 0)
                return -ECONNRESET;
        return look_for_listener(stream, until, ret_why);
}

int stream_finish(struct stream *stream, struct stream_why *ret_why)
{
        switch (stream->kind) {
        case STREAM_UDP:
                return 0;
        case STREAM_UNIX_DATAGRAM:
                return end_datagrams(stream, ret_why);
        case STREAM_TCP:
        case STREAM_UNIX:
                break;
        }
        return end_stream(stream, ret_why);
}
