#include "pam_diag/ctl/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/buf.h"

enum { CHUNK = 64 * 1024 };

/* Appends to the line that has begun; what makes it longer than most + 1 is dropped. */
static void keep(const struct lines *lines, struct buf *begun, const char *data, size_t length)
{
        size_t room = lines->most + 1 - begun->length;

        buf_put(begun, data, length < room ? length : room);
}

/* Gives out the lines that end in this chunk; *begun holds the one before it. */
static int give_chunk(const struct lines *lines, struct buf *begun, const char *data, size_t length)
{
        while (length > 0) {
                const char *end = memchr(data, '\0', length);
                size_t n = end != NULL ? (size_t)(end - data) : length;
                int r;

                keep(lines, begun, data, n);
                if (begun->error != 0)
                        return begun->error;
                if (end == NULL)
                        return 0;
                r = lines->line(lines->context, begun->data != NULL ? begun->data : "", begun->length);
                if (r != 0)
                        return r;
                buf_clear(begun);
                data += n + 1;
                length -= n + 1;
        }
        return 0;
}

int lines_read(int fd, const struct lines *lines)
{
        cleanup_buf struct buf begun = BUF_INIT(lines->most + 1);

        for (;;) {
                char chunk[CHUNK];
                int r = lines->wait(lines->context);
                ssize_t n;

                if (r != 0)
                        return r;
                n = read(fd, chunk, sizeof(chunk));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                r = give_chunk(lines, &begun, chunk, (size_t)n);
                if (r != 0)
                        return r;
        }
        return begun.length == 0 ? 0 : lines->line(lines->context, begun.data, begun.length);
}
