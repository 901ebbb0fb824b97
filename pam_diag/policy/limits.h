/* What a command may use up, and the policy's keys for it.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* 0: no limit. */
struct limits {
        uint64_t timeout_ms; /* of the whole line: the most patient of its stages */
        uint64_t output_most; /* bytes of stdout and stderr together, of the whole line */
        uint64_t memory_most; /* bytes of address space, each process of a stage (RLIMIT_AS) */
        uint64_t cpu_s; /* seconds of processor time, each process of a stage (RLIMIT_CPU) */
        uint64_t processes_most; /* processes and threads of the user, on the host (RLIMIT_NPROC) */
};

/* Which of them are given; bits. */
enum {
        LIMIT_TIMEOUT = 1 << 0,
        LIMIT_OUTPUT = 1 << 1,
        LIMIT_MEMORY = 1 << 2,
        LIMIT_CPU = 1 << 3,
        LIMIT_PROCESSES = 1 << 4,
};

/* The bit of that key of [session] and [command …], 0 for another key. */
unsigned limits_bit(const char *key);

/* Reads the value of the key. -EINVAL with what was expected in *ret_expected. */
int limits_read(const char *key, const char *value, struct limits *limits, const char **ret_expected);

/* Takes from `from` what of `given` is not in *set, and adds it there. */
void limits_inherit(struct limits *limits, unsigned *set, const struct limits *from, unsigned given);

/* Makes room for `other` as well: the wider of both, each. */
void limits_widen(struct limits *limits, const struct limits *other);

extern const struct limits limits_default;
