/* TLS over a connected socket that does not block.
 *
 * Linked by: diag-ship (shipper/stream.c alone).
 */
#pragma once

#include <stdint.h>

#include "shipper/stream.h"

struct tls;

/* `until` is on the clock of clock_monotonic_ms. The descriptor stays the caller's and must outlive *ret_tls. `name` is what the
 * receiver's certificate must have: the subject alternative name, a DNS name or an IP address. Errors as stream_open. */
int tls_open(int fd, const struct stream_tls *with, const char *name, int64_t until, struct tls **ret_tls,
             struct stream_why *ret_why);
void tls_free(struct tls *tls); /* NULL-safe */

int tls_write(struct tls *tls, const void *data, size_t length, int64_t until, struct stream_why *ret_why);
int tls_read(struct tls *tls, void *data, size_t size, int64_t until, size_t *ret_length, struct stream_why *ret_why);

/* Sends close_notify. */
int tls_end(struct tls *tls, int64_t until, struct stream_why *ret_why);

static inline void tls_free_at(struct tls **tls)
{
        tls_free(*tls);
}
#define cleanup_tls __attribute__((cleanup(tls_free_at)))
