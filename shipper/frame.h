/* A row of a batch with a part before it that the body needs and does not hold.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

struct frame {
        int64_t time_us; /* of the row */
        const char *head; /* what rows of one group share */
        size_t head_length;
        const char *bytes;
        size_t length;
};

/* Between these two, first the head and then the rest is appended; frame_split marks where the one ends. */
size_t frame_begin(struct buf *buf, int64_t time_us);
void frame_split(struct buf *buf, size_t at);

struct frame frame_of(const char *row, size_t length);
