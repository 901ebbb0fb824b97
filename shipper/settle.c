#include "shipper/settle.h"

#include <string.h>

void settle_add(struct settle *settle, const struct cursor *cursor, int64_t now_ms)
{
        /* Merged into the newest: its rows wait a little longer than they must, never shorter. */
        size_t at = settle->count < SETTLE_MOST ? settle->count++ : SETTLE_MOST - 1;

        settle->entries[at].cursor = *cursor;
        settle->entries[at].due_ms = now_ms + (int64_t)settle->delay_ms;
}

bool settle_take(struct settle *settle, int64_t now_ms, struct cursor *ret_cursor)
{
        size_t due = 0;

        while (due < settle->count && settle->entries[due].due_ms <= now_ms)
                due++;
        if (due == 0)
                return false;
        *ret_cursor = settle->entries[due - 1].cursor;
        settle->count -= due;
        memmove(settle->entries, settle->entries + due, settle->count * sizeof(settle->entries[0]));
        return true;
}

uint64_t settle_left_ms(const struct settle *settle, int64_t now_ms)
{
        int64_t due = settle->count > 0 ? settle->entries[settle->count - 1].due_ms : now_ms;

        return due > now_ms ? (uint64_t)(due - now_ms) : 0;
}
