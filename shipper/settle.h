/* Acknowledged, but not yet trusted to be stored.
 *
 * Linked by: diag-ship.
 *
 * Some servers acknowledge what is only in their memory. Their rows count as shipped once a while (the sink's `settle`) has passed
 * without trouble; until then the durable cursor stays behind. Of many acknowledgements the newest are merged, so the room is fixed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shipper/cursor.h"

enum { SETTLE_MOST = 32 };

struct settle_entry {
        struct cursor cursor;
        int64_t due_ms; /* monotonic */
};

struct settle {
        uint64_t delay_ms;
        struct settle_entry entries[SETTLE_MOST]; /* oldest first */
        size_t count;
};

void settle_add(struct settle *settle, const struct cursor *cursor, int64_t now_ms);

/* Takes what is due: the newest such cursor. False when none is. */
bool settle_take(struct settle *settle, int64_t now_ms, struct cursor *ret_cursor);

/* Milliseconds until the last is due, 0 when there is none. */
uint64_t settle_left_ms(const struct settle *settle, int64_t now_ms);
