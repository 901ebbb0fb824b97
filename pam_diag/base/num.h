/* Strict numbers from text.
 *
 * Linked by: every process and the module.
 */
#pragma once

#include <stdint.h>

/* Decimal digits and nothing else: no sign, no blank, no empty text. -EINVAL for anything else, -ERANGE when
 * the value lies outside of low..high. Leading zeros are digits like others. */
int num_parse_u64(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value);

/* The same with an optional leading '-'. */
int num_parse_i64(const char *text, int64_t low, int64_t high, int64_t *ret_value);
