#include "pam_diag/base/clock.h"

#include <time.h>

/* clock_gettime(2) cannot fail for these clocks and a good address. */
static int64_t read_us(clockid_t which)
{
        struct timespec now;

        (void)clock_gettime(which, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_real_us(void)
{
        return read_us(CLOCK_REALTIME);
}

int64_t clock_boot_us(void)
{
        return read_us(CLOCK_BOOTTIME);
}

int64_t clock_monotonic_us(void)
{
        return read_us(CLOCK_MONOTONIC);
}
