#include "pam_diag/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

void buf_free(struct buf *buf)
{
        free(buf->data);
        *buf = BUF_INIT(buf->most);
}

void buf_clear(struct buf *buf)
{
        buf->length = 0;
        buf->error = 0;
}

static int reserve(struct buf *buf, size_t more)
{
        size_t wanted = buf->size == 0 ? FIRST_SIZE : buf->size;
        char *larger;

        if (more > buf->most || buf->length > buf->most - more)
                return -EMSGSIZE;
        if (buf->length + more < buf->size)
                return 0;
        while (wanted <= buf->length + more)
                wanted *= 2;
        if (wanted > buf->most)
                wanted = buf->most + 1;
        larger = realloc(buf->data, wanted);
        if (larger == NULL)
                return -ENOMEM;
        buf->data = larger;
        buf->size = wanted;
        return 0;
}

char *buf_room(struct buf *buf, size_t length)
{
        if (buf->error == 0)
                buf->error = reserve(buf, length);
        return buf->error == 0 ? buf->data + buf->length : NULL;
}

void buf_vprintf(struct buf *buf, const char *format, va_list arguments)
{
        size_t room;
        va_list again;
        int n;

        if (buf->error != 0)
                return;
        buf->error = reserve(buf, 0);
        if (buf->error != 0)
                return;
        room = buf->size - buf->length;
        va_copy(again, arguments);
        n = vsnprintf(buf->data + buf->length, room, format, arguments);
        if (n < 0)
                buf->error = -EINVAL;
        else
                buf->error = reserve(buf, (size_t)n);
        /* What did not fit was cut: once more, into what it takes. */
        if (buf->error == 0 && (size_t)n >= room)
                (void)vsnprintf(buf->data + buf->length, (size_t)n + 1, format, again);
        if (buf->error == 0)
                buf->length += (size_t)n;
        buf->data[buf->length] = '\0';
        va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        buf_vprintf(buf, format, arguments);
        va_end(arguments);
}
