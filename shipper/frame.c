#include "shipper/frame.h"

#include <string.h>

struct prefix {
        int64_t time_us;
        uint64_t head_length;
};

size_t frame_begin(struct buf *buf, int64_t time_us)
{
        struct prefix prefix = { .time_us = time_us };
        size_t at = buf->length;

        buf_put(buf, &prefix, sizeof(prefix));
        return at;
}

void frame_split(struct buf *buf, size_t at)
{
        struct prefix prefix;

        if (buf->error != 0)
                return;
        memcpy(&prefix, buf->data + at, sizeof(prefix));
        prefix.head_length = buf->length - at - sizeof(prefix);
        memcpy(buf->data + at, &prefix, sizeof(prefix));
}

struct frame frame_of(const char *row, size_t length)
{
        struct prefix prefix;

        memcpy(&prefix, row, sizeof(prefix));
        return (struct frame){ .time_us = prefix.time_us,
                               .head = row + sizeof(prefix),
                               .head_length = prefix.head_length,
                               .bytes = row + sizeof(prefix) + prefix.head_length,
                               .length = length - sizeof(prefix) - prefix.head_length };
}
