/* What a benchmark has measured, one JSON object a line on stdout: tests/bench/report.py reads them.
 *
 * Linked by: the programs of tests/bench.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds since boot. */
int64_t sample_now(void);

/* Nanoseconds of processor time of the calling process. */
int64_t sample_processor_now(void);

/* A virtual machine has its processor's core to itself or shares it with somebody else's, for tenths of a second at a time, and in shared ones the
 * same instructions take up to half as long again, processor time included. A short loop that is always the same tells: how many nanoseconds it
 * takes now, the least of a few, and at best, which takes a second to find out. */
int64_t sample_pace(void);
int64_t sample_best_pace(void);

/* Not more than a tenth above the best. */
bool sample_is_undisturbed(int64_t pace, int64_t best);

/* One duration of one side of a figure. The first side that a figure has is what the others are compared with. */
void sample_put(const char *figure, const char *side, int64_t nanoseconds);

/* The same for what is no duration, such as lines a second. */
void sample_put_value(const char *figure, const char *side, double value, const char *unit);
