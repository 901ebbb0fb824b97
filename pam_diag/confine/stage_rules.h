/* A stage's own seccomp filter: what no diagnosis needs, taken off the kernel's surface.
 *
 * Linked by: make-filters, when this is built. diag-supervisor hands the program over, diag-shell puts it in force.
 *
 * The session's filter (filter.h) holds for stages as well and cannot be loosened by this one; that one must leave to sshd's monitor what
 * this one need not. Most of these calls would fail without a capability anyway: they are here for the bugs that lie before
 * that check.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* malloc'ed struct sock_filter[]; `arch` as for bpf_build. */
int stage_rules_build(uint32_t arch, char **ret_program, size_t *ret_size);
