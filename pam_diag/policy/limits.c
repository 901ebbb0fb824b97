#include "pam_diag/policy/limits.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "pam_diag/base/num.h"
#include "pam_diag/policy/measure.h"

enum { MS_PER_S = 1000, PROCESSES_MOST = 100000 };

/* A diagnosis ends in a minute and prints no more than can be read; Go's runtime, as in clients of container engines, reserves more than
 * 2 GiB of addresses at its start. */
const struct limits limits_default = { .timeout_ms = UINT64_C(60) * MS_PER_S,
                                       .output_most = UINT64_C(16) << 20,
                                       .memory_most = UINT64_C(4) << 30,
                                       .cpu_s = 60,
                                       .processes_most = 256 };

enum measure { MEASURE_MS, MEASURE_S, MEASURE_BYTES, MEASURE_COUNT };

static const struct {
        const char *key;
        unsigned bit;
        enum measure measure;
        size_t offset;
} keys[] = {
        { "timeout", LIMIT_TIMEOUT, MEASURE_MS, offsetof(struct limits, timeout_ms) },
        { "output-limit", LIMIT_OUTPUT, MEASURE_BYTES, offsetof(struct limits, output_most) },
        { "memory-limit", LIMIT_MEMORY, MEASURE_BYTES, offsetof(struct limits, memory_most) },
        { "cpu-limit", LIMIT_CPU, MEASURE_S, offsetof(struct limits, cpu_s) },
        { "process-limit", LIMIT_PROCESSES, MEASURE_COUNT, offsetof(struct limits, processes_most) },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static uint64_t *at(struct limits *limits, size_t key)
{
        return (uint64_t *)(void *)((char *)limits + keys[key].offset);
}

static uint64_t value_of(const struct limits *limits, size_t key)
{
        uint64_t value;

        memcpy(&value, (const char *)limits + keys[key].offset, sizeof(value));
        return value;
}

unsigned limits_bit(const char *key)
{
        for (size_t i = 0; i < KEYS; i++)
                if (strcmp(keys[i].key, key) == 0)
                        return keys[i].bit;
        return 0;
}

static int read_one(enum measure measure, const char *text, uint64_t *ret_value, const char **ret_expected)
{
        uint64_t value = 0;
        int r = -EINVAL;

        switch (measure) {
        case MEASURE_MS:
                *ret_expected = "expected a time span such as 500ms, 60s, 5m, 1h (at most 7 days)";
                r = measure_duration_ms(text, &value);
                break;
        case MEASURE_S:
                *ret_expected = "expected a time span of whole seconds such as 60s, 5m, 1h (at most 7 days)";
                r = measure_duration_ms(text, &value);
                if (r == 0 && value % MS_PER_S != 0)
                        r = -EINVAL;
                value /= MS_PER_S;
                break;
        case MEASURE_BYTES:
                *ret_expected = "expected a number of bytes such as 65536, 64k, 8M";
                r = measure_bytes(text, &value);
                break;
        case MEASURE_COUNT:
                *ret_expected = "expected a number from 0 to 100000";
                r = num_parse_u64(text, 0, PROCESSES_MOST, &value);
                break;
        }
        if (r == 0)
                *ret_value = value;
        return r < 0 ? -EINVAL : 0;
}

int limits_read(const char *key, const char *value, struct limits *limits, const char **ret_expected)
{
        for (size_t i = 0; i < KEYS; i++)
                if (strcmp(keys[i].key, key) == 0)
                        return read_one(keys[i].measure, value, at(limits, i), ret_expected);
        return -EINVAL;
}

void limits_inherit(struct limits *limits, unsigned *set, const struct limits *from, unsigned given)
{
        for (size_t i = 0; i < KEYS; i++)
                if ((given & keys[i].bit) != 0 && (*set & keys[i].bit) == 0)
                        *at(limits, i) = value_of(from, i);
        *set |= given;
}

void limits_widen(struct limits *limits, const struct limits *other)
{
        for (size_t i = 0; i < KEYS; i++) {
                uint64_t a = value_of(limits, i);
                uint64_t b = value_of(other, i);

                *at(limits, i) = a == 0 || b == 0 ? 0 : a > b ? a : b;
        }
}
