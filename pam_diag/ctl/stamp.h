/* Points in time, for people and for programs.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

/* Microseconds since 1970 as `2026-01-31 12:00:00.123`, by the operator's clock, or as `2026-01-31T11:00:00.123456Z`, which is UTC as RFC
 * 3339 has it. What no calendar knows is written as a number. */
void stamp_put(struct buf *buf, int64_t time_us, bool local);

/* A length of time: `12.345 ms`, `1.500 s`, `2:03:04` (hours) for an hour and longer. */
void stamp_put_length(struct buf *buf, int64_t us);
