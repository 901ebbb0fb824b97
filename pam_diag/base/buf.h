/* A growing byte buffer that remembers its first failure.
 *
 * Linked by: every process and the module.
 *
 * Every put is a no-op once the buffer has failed, so that a writer checks once, at the end. A buffer never
 * grows past `most` bytes: -EMSGSIZE is its failure then, -ENOMEM when memory ends.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct buf {
        char *data; /* NUL-terminated after `length` bytes when not NULL */
        size_t length;
        size_t size; /* at most one more than `most` */
        size_t most;
        int error; /* 0 or -errno */
};

#define BUF_INIT(limit) ((struct buf){ .most = (limit) })

void buf_free(struct buf *buf); /* leaves an empty buffer that can be used again */
#define cleanup_buf __attribute__((cleanup(buf_free)))

/* Makes room and returns the place behind what is there, where `length` bytes and a NUL may be written; NULL once the buffer has failed. buf_took
 * says how many of them there are now. */
char *buf_room(struct buf *buf, size_t length);
static inline void buf_took(struct buf *buf, size_t length)
{
        buf->length += length;
        buf->data[buf->length] = '\0';
}

/* Inline: the shipper puts some hundred pieces of few bytes into every row. */
static inline void buf_put(struct buf *buf, const void *data, size_t length)
{
        char *room = buf->error == 0 && length < buf->size - buf->length ? buf->data + buf->length
                                                                         : buf_room(buf, length);

        if (room == NULL)
                return;
        if (length > 0)
                memcpy(room, data, length);
        buf_took(buf, length);
}
static inline void buf_put_text(struct buf *buf, const char *text)
{
        buf_put(buf, text, strlen(text));
}
static inline void buf_put_char(struct buf *buf, char c)
{
        buf_put(buf, &c, 1);
}
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* Empties the buffer and forgets a failure; memory is kept for the next use. */
void buf_clear(struct buf *buf);
