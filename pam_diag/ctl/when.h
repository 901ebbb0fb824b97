/* Points in time as an operator writes them.
 *
 * Linked by: diagctl, diag-ship.
 */
#pragma once

#include <stdint.h>

/* "90m", "24h", "7d" (that long ago), "2026-01-31", "2026-01-31 12:00", "2026-01-31 12:00:30" (local time) or "@1700000000".
 * Microseconds since 1970, as the records have them. -EINVAL, -ERANGE. */
int when_parse(const char *text, int64_t now_us, int64_t *ret_us);
