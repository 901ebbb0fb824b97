/* The clocks.
 *
 * Linked by: every process and the module.
 */
#pragma once

#include <stdint.h>

int64_t clock_real_us(void); /* microseconds since 1970-01-01 UTC; may jump */
int64_t clock_monotonic_us(void); /* microseconds since boot; for bounds and durations */
int64_t clock_boot_us(void); /* the same with the time of suspension; what processes compare with each other */

static inline int64_t clock_monotonic_ms(void)
{
        return clock_monotonic_us() / 1000;
}
