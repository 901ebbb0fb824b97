#include "pam_diag/base/num.h"

#include <errno.h>

int num_parse_u64(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value)
{
        uint64_t value = 0;

        if (*text == '\0')
                return -EINVAL;
        for (const char *c = text; *c != '\0'; c++)
                if (*c < '0' || *c > '9')
                        return -EINVAL;
        for (const char *c = text; *c != '\0'; c++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
                        return -ERANGE;
        if (value < low || value > high)
                return -ERANGE;
        *ret_value = value;
        return 0;
}

int num_parse_i64(const char *text, int64_t low, int64_t high, int64_t *ret_value)
{
        uint64_t size;
        int64_t value;
        int r;

        r = num_parse_u64(*text == '-' ? text + 1 : text, 0, (uint64_t)INT64_MAX, &size);
        if (r < 0)
                return r;
        value = *text == '-' ? -(int64_t)size : (int64_t)size;
        if (value < low || value > high)
                return -ERANGE;
        *ret_value = value;
        return 0;
}
