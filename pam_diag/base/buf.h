/* A growing byte buffer that remembers its first failure.
 *
 * Linked by: supervisor, shell, ctl, shipper, prober.
 *
 * Every put is a no-op once the buffer has failed, so that a writer checks once, at the end. A buffer never
 * grows past `most` bytes: -EMSGSIZE is its failure then, -ENOMEM when memory ends.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct buf {
        char *data; /* NUL-terminated after `length` bytes when not NULL */
        size_t length;
        size_t size;
        size_t most;
        int error; /* 0 or -errno */
};

#define BUF_INIT(limit) ((struct buf){ .most = (limit) })

void buf_free(struct buf *buf); /* leaves an empty buffer that can be used again */
#define cleanup_buf __attribute__((cleanup(buf_free)))

void buf_put(struct buf *buf, const void *data, size_t length);
void buf_put_text(struct buf *buf, const char *text);
void buf_put_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* Empties the buffer and forgets a failure; memory is kept for the next use. */
void buf_clear(struct buf *buf);
