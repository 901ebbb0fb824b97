#include "pam_diag/policy/measure.h"

#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"

struct unit {
        const char *name;
        uint64_t factor;
};

static int measure(const char *text, const struct unit *units, uint64_t most, uint64_t *ret_value)
{
        size_t digits = strspn(text, "0123456789");
        cleanup_free char *number = strndup(text, digits);
        uint64_t value;
        int r;

        if (number == NULL)
                return -ENOMEM;
        r = num_parse_u64(number, 0, UINT64_MAX, &value);
        if (r < 0)
                return r;
        for (const struct unit *unit = units; unit->name != NULL; unit++) {
                if (strcmp(text + digits, unit->name) != 0)
                        continue;
                if (__builtin_mul_overflow(value, unit->factor, &value) || value > most)
                        return -ERANGE;
                *ret_value = value;
                return 0;
        }
        return -EINVAL;
}

int measure_duration_ms(const char *text, uint64_t *ret_ms)
{
        static const struct unit units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { 0 } };

        if (strcmp(text, "0") == 0) {
                *ret_ms = 0;
                return 0;
        }
        return measure(text, units, UINT64_C(7) * 24 * 3600 * 1000, ret_ms);
}

int measure_bytes(const char *text, uint64_t *ret_bytes)
{
        static const struct unit units[] = {
                { "", 1 }, { "k", 1024 }, { "M", UINT64_C(1) << 20 }, { "G", UINT64_C(1) << 30 }, { 0 }
        };

        return measure(text, units, UINT64_C(1) << 40, ret_bytes);
}
