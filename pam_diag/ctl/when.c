#include "pam_diag/ctl/when.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/num.h"

enum { US_PER_S = 1000000, NUMBER_MOST = 20 };

/* The digits at *at, exactly `width` of them (0: any number), as a number; *at moves behind them. */
static int take_number(const char **at, size_t width, uint64_t low, uint64_t high, uint64_t *ret_number)
{
        char digits[NUMBER_MOST] = "";
        size_t n = strspn(*at, "0123456789");

        if (n == 0 || n >= sizeof(digits) || (width > 0 && n != width))
                return -EINVAL;
        memcpy(digits, *at, n);
        *at += n;
        return num_parse_u64(digits, low, high, ret_number);
}

static int ago(const char *text, int64_t now_us, int64_t *ret_us)
{
        static const struct {
                const char *name;
                int64_t seconds;
        } units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 }, { "w", 604800 } };
        uint64_t number = 0;
        int r = take_number(&text, 0, 0, 1000000000, &number);

        if (r < 0)
                return r;
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
                if (strcmp(text, units[i].name) == 0) {
                        int64_t back = (int64_t)number * units[i].seconds * US_PER_S;

                        *ret_us = now_us > back ? now_us - back : 0;
                        return 0;
                }
        return -EINVAL;
}

static int take_part(const char **at, char before, size_t width, uint64_t low, uint64_t high, int *ret_part)
{
        uint64_t number = 0;
        int r = -EINVAL;

        if (before == '\0' || **at == before) {
                *at += before != '\0';
                r = take_number(at, width, low, high, &number);
        }
        if (r == 0)
                *ret_part = (int)number;
        return r;
}

static int date(const char *at, int64_t *ret_us)
{
        struct tm parts = { .tm_isdst = -1 };
        int day = 0;
        time_t seconds;
        int r = take_part(&at, '\0', 4, 1970, 9999, &parts.tm_year);

        if (r == 0)
                r = take_part(&at, '-', 2, 1, 12, &parts.tm_mon);
        if (r == 0)
                r = take_part(&at, '-', 2, 1, 31, &parts.tm_mday);
        if (r == 0 && *at != '\0') {
                r = take_part(&at, *at == 'T' ? 'T' : ' ', 2, 0, 23, &parts.tm_hour);
                if (r == 0)
                        r = take_part(&at, ':', 2, 0, 59, &parts.tm_min);
                if (r == 0 && *at != '\0')
                        r = take_part(&at, ':', 2, 0, 59, &parts.tm_sec);
        }
        if (r < 0 || *at != '\0')
                return r < 0 ? r : -EINVAL;
        day = parts.tm_mday;
        parts.tm_year -= 1900;
        parts.tm_mon -= 1;
        seconds = mktime(&parts);
        if (seconds < 0 || parts.tm_mday != day) /* February 31 becomes March 3 */
                return -ERANGE;
        *ret_us = (int64_t)seconds * US_PER_S;
        return 0;
}

int when_parse(const char *text, int64_t now_us, int64_t *ret_us)
{
        uint64_t seconds = 0;
        int r;

        if (text[0] == '@') {
                r = num_parse_u64(text + 1, 0, (uint64_t)INT64_MAX / US_PER_S, &seconds);
                if (r == 0)
                        *ret_us = (int64_t)seconds * US_PER_S;
                return r;
        }
        return strchr(text, '-') != NULL ? date(text, ret_us) : ago(text, now_us, ret_us);
}
