#include "shipper/retry.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "pam_diag/base/clock.h"

void retry_start(struct retry *retry, uint64_t budget_ms)
{
        *retry = (struct retry){ .budget_ms = budget_ms };
        retry_success(retry);
}

void retry_success(struct retry *retry)
{
        retry->failures = 0;
        retry->deadline_ms = clock_monotonic_ms() + (int64_t)retry->budget_ms;
}

uint64_t retry_delay_ms(unsigned failures, uint64_t random)
{
        uint64_t most = RETRY_FIRST_MS;

        while (failures-- > 0 && most < RETRY_MOST_MS)
                most *= 2;
        return random % ((most < RETRY_MOST_MS ? most : RETRY_MOST_MS) + 1);
}

static void sleep_ms(uint64_t ms)
{
        struct timespec rest = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

        while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR)
                continue;
}

int retry_wait(struct retry *retry, uint64_t wanted_ms)
{
        int64_t left = retry->deadline_ms - clock_monotonic_ms();
        uint64_t random = 0;
        uint64_t ms;

        /* Jitter is no secret: without entropy (early boot) the clock will do. */
        if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
                random = (uint64_t)clock_monotonic_us();
        ms = wanted_ms + retry_delay_ms(retry->failures, random);
        if (left <= 0 || ms > (uint64_t)left)
                return -ETIMEDOUT;
        retry->failures++;
        sleep_ms(ms);
        return 0;
}
