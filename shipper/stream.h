/* Byte streams and datagrams to a log receiver: unix sockets, TCP, UDP, TLS.
 *
 * Linked by: diag-ship.
 *
 * Every call is bounded by `bound_ms` of the clock that does not jump; only the look-up of a host name is bounded by the resolver
 * instead (resolv.conf(5), timeout and attempts). SIGPIPE must be ignored by the process. Sources: socket(7), unix(7), tcp(7), RFC 5425
 * and SSL_shutdown(3ssl).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct stream;

enum stream_kind { STREAM_TCP, STREAM_UDP, STREAM_UNIX, STREAM_UNIX_DATAGRAM };

struct stream_tls {
        const char *ca; /* PEM file of the certificates that are trusted; NULL: the system's */
        const char *certificate; /* PEM file of the chain that is shown to the receiver; NULL: none */
        const char *key; /* PEM file, without a passphrase; NULL only without a certificate */
        const char *name; /* whom the receiver's certificate must name; NULL: the host */
};

/* Where to. The texts are only used while stream_open runs. */
struct stream_to {
        enum stream_kind kind;
        const char *host; /* TCP, UDP: a name, or an address without brackets */
        const char *port;
        const char *path; /* unix sockets */
        const struct stream_tls *tls; /* NULL: none; over STREAM_TCP alone */
        unsigned bound_ms; /* of each call */
};

/* What went wrong, without the name of the receiver, for a person. */
struct stream_why {
        char text[320];
};

/* Connects: to the addresses of the host one after the other, until one answers. 0, or -errno with *ret_why: -EKEYREJECTED when the
 * receiver's certificate does not verify, -ENOKEY when a file of our own TLS side cannot be used, -EPROTO for other faults of TLS. */
int stream_open(const struct stream_to *to, struct stream **ret_stream, struct stream_why *ret_why);
void stream_free(struct stream *stream); /* NULL-safe; ends the connection in whatever state it is */

/* All of it, or one whole datagram (-EMSGSIZE when it is too large for one). */
int stream_write(struct stream *stream, const void *data, size_t length, struct stream_why *ret_why);

/* What has come, at least one byte; *ret_length is 0 at the orderly end of the peer's side. -ETIMEDOUT when nothing comes. */
int stream_read(struct stream *stream, void *data, size_t size, size_t *ret_length, struct stream_why *ret_why);

/* Says that nothing more comes, then waits for the receiver to end its side too (what it says until then is dropped). For a stream 0 means
 * that the receiving program has taken every byte out of its socket: a program that dies before answers with a reset
 * (tcp(7): unread data). It does not mean that anything is stored. For a unix datagram socket it means that the queue is empty
 * and the receiver is the one that was there at stream_open. For UDP it means nothing. */
int stream_finish(struct stream *stream, struct stream_why *ret_why);

static inline void stream_free_at(struct stream **stream)
{
        stream_free(*stream);
}
#define cleanup_stream __attribute__((cleanup(stream_free_at)))
