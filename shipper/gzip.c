#define ZLIB_CONST /* zlib does not write to its input */
#include "shipper/gzip.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

/* Level 1: half of the time of level 6 for a tenth more bytes, on our lines. 16 + 15: a gzip header, whose time zlib leaves 0
 * (deflateInit2, zlib.h). The memory level is one below what is usual: 64 KiB less, for half a percent. */
enum { LEVEL = 1, WINDOW_BITS = 16 + 15, MEMORY_LEVEL = 7, CHUNK = 64 * 1024 };

/* Into the buffer itself: what is not written to takes no memory. */
static int deflate_all(z_stream *stream, struct buf *buf)
{
        int code;

        do {
                char *room = buf_room(buf, CHUNK);

                if (room == NULL)
                        return buf->error;
                stream->next_out = (Bytef *)room;
                stream->avail_out = CHUNK;
                code = deflate(stream, Z_FINISH);
                if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                        return -EIO;
                buf_took(buf, CHUNK - stream->avail_out);
        } while (code != Z_STREAM_END);
        return 0;
}

int gzip_put(struct buf *buf, const char *data, size_t length)
{
        z_stream stream = { 0 };
        int r;

        if (length > UINT_MAX)
                return -EMSGSIZE;
        if (deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
                return -ENOMEM;
        stream.next_in = (const Bytef *)data;
        stream.avail_in = (uInt)length;
        r = deflate_all(&stream, buf);
        (void)deflateEnd(&stream);
        return r;
}
