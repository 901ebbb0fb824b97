/* Durations and sizes as people write them.
 *
 * Linked by: diag-supervisor, diagctl, diag-ship.
 */
#pragma once

#include <stdint.h>

/* "500ms", "60s", "5m", "1h"; a unit is required but for 0. -EINVAL, -ERANGE. */
int measure_duration_ms(const char *text, uint64_t *ret_ms);

/* Bytes: "4096", "64k", "8M". -EINVAL, -ERANGE. */
int measure_bytes(const char *text, uint64_t *ret_bytes);
