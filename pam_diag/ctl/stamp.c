#include "pam_diag/ctl/stamp.h"

#include <inttypes.h>
#include <time.h>

enum { US_PER_S = 1000000, S_PER_MINUTE = 60, S_PER_HOUR = 3600 };

void stamp_put(struct buf *buf, int64_t time_us, bool local)
{
        time_t seconds = (time_t)(time_us / US_PER_S);
        struct tm parts;
        char text[64];

        if ((local ? localtime_r(&seconds, &parts) : gmtime_r(&seconds, &parts)) == NULL ||
            strftime(text, sizeof(text), local ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%dT%H:%M:%S", &parts) == 0)
                buf_printf(buf, "%" PRId64 "us", time_us);
        else if (local)
                buf_printf(buf, "%s.%03" PRId64, text, time_us % US_PER_S / 1000);
        else
                buf_printf(buf, "%s.%06" PRId64 "Z", text, time_us % US_PER_S);
}

void stamp_put_length(struct buf *buf, int64_t us)
{
        int64_t seconds = us / US_PER_S;

        if (seconds >= S_PER_HOUR)
                buf_printf(buf, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / S_PER_HOUR,
                           seconds / S_PER_MINUTE % S_PER_MINUTE, seconds % S_PER_MINUTE);
        else if (seconds > 0)
                buf_printf(buf, "%" PRId64 ".%03" PRId64 " s", seconds, us % US_PER_S / 1000);
        else
                buf_printf(buf, "%" PRId64 ".%03" PRId64 " ms", us / 1000, us % 1000);
}
