/* How long to wait before the same thing is tried again.
 *
 * Linked by: diag-ship.
 *
 * Full jitter: a random time between nothing and a bound that doubles with each failure, so that a fleet that was cut off together
 * does not come back together. All of it against a clock that nobody can set.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { RETRY_FIRST_MS = 200, RETRY_MOST_MS = 15000 };

struct retry {
        uint64_t budget_ms; /* without any success in between */
        int64_t deadline_ms;
        unsigned failures;
};

void retry_start(struct retry *retry, uint64_t budget_ms);
void retry_success(struct retry *retry);

/* Sleeps before the next try, at least `wanted_ms` (what the other end asked for). -ETIMEDOUT, at once, when the budget does not
 * reach that far. */
int retry_wait(struct retry *retry, uint64_t wanted_ms);

/* The time for the nth failure in a row (from 0), `random` of any value. Pure. */
uint64_t retry_delay_ms(unsigned failures, uint64_t random);
