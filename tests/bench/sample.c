#include "tests/bench/sample.h"

#include <stdio.h>
#include <time.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/json.h"

enum { LINE_MOST = 4096, PACE_STEPS = 100 * 1000, PACE_TIMES = 3, BEST_NS = 1500 * 1000 * 1000 };

static int64_t now(clockid_t clock)
{
        struct timespec time;

        (void)clock_gettime(clock, &time);
        return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t sample_now(void)
{
        return now(CLOCK_MONOTONIC);
}

int64_t sample_processor_now(void)
{
        return now(CLOCK_PROCESS_CPUTIME_ID);
}

/* Several chains at once, in registers: what a core that is shared has less of. */
static int64_t loop(void)
{
        uint64_t a = 1, b = 2, c = 3, d = 4, e = 5;
        int64_t begin = sample_processor_now();

        for (uint64_t i = 0; i < PACE_STEPS; i++) {
                a = a * 6364136223846793005U + 1;
                b ^= b << 13;
                b ^= b >> 7;
                c += a;
                d = (d >> 3) + c;
                e ^= d + i;
        }
        /* Read by nobody: the loop is not left out all the same. */
        __asm__ volatile("" ::"r"(a + b + c + d + e));
        return sample_processor_now() - begin;
}

int64_t sample_pace(void)
{
        int64_t least = INT64_MAX;

        for (int i = 0; i < PACE_TIMES; i++) {
                int64_t one = loop();

                least = one < least ? one : least;
        }
        return least;
}

int64_t sample_best_pace(void)
{
        struct timespec pause = { .tv_nsec = 1000 * 1000 };
        int64_t end = sample_now() + BEST_NS;
        int64_t least = INT64_MAX;

        while (sample_now() < end) {
                int64_t one = loop();

                least = one < least ? one : least;
                (void)nanosleep(&pause, NULL);
        }
        return least;
}

bool sample_is_undisturbed(int64_t pace, int64_t best)
{
        return pace <= best + best / 10;
}

void sample_put_value(const char *figure, const char *side, double value, const char *unit)
{
        cleanup_buf struct buf line = BUF_INIT(LINE_MOST);

        buf_put_char(&line, '{');
        json_member_text(&line, "figure", figure);
        json_member_text(&line, "side", side);
        json_member_text(&line, "unit", unit);
        buf_printf(&line, ",\"value\":%.3f}", value);
        if (line.error == 0)
                (void)puts(line.data);
}

void sample_put(const char *figure, const char *side, int64_t nanoseconds)
{
        sample_put_value(figure, side, (double)nanoseconds / 1000, "us");
}
