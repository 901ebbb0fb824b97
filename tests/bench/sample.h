/* What a benchmark has measured, one JSON object a line on stdout: tests/bench/report.py reads them.
 *
 * Linked by: the programs of tests/bench.
 */
#pragma once

#include <stdint.h>

/* Nanoseconds since boot. */
int64_t sample_now(void);

/* Nanoseconds of processor time of the calling process. */
int64_t sample_processor_now(void);

/* One duration of one side of a figure. The first side that a figure has is what the others are compared with. */
void sample_put(const char *figure, const char *side, int64_t nanoseconds);

/* The same for what is no duration, such as lines a second. */
void sample_put_value(const char *figure, const char *side, double value, const char *unit);
