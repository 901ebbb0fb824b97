/* The calls that the supervisor's process that talks to the kernel's audit may make (kaudit_filter.h).
 *
 * Linked by: make-filters, when this is built.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* malloc'ed struct sock_filter[]; `arch` as for bpf_build. */
int kaudit_rules_build(uint32_t arch, char **ret_program, size_t *ret_size);
