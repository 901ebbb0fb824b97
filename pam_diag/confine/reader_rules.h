/* The calls that the supervisor's reader process may make (reader_filter.h).
 *
 * Linked by: make-filters, when this is built.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* malloc'ed struct sock_filter[]; `arch` as for bpf_build. */
int reader_rules_build(uint32_t arch, char **ret_program, size_t *ret_size);
