#include "tests/bench/sample.h"

#include <stdio.h>
#include <time.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/json.h"

enum { LINE_MOST = 4096 };

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
