/* A stage's own seccomp filter: what no diagnosis needs, taken off the kernel's surface.
 *
 * Linked by: diag-supervisor (builds it), diag-shell (puts it in force).
 *
 * The session's filter (filter.h) holds for stages as well and cannot be loosened by this one; that one must leave to sshd's monitor what
 * this one need not. Most of these calls would fail without a capability anyway: they are here for the bugs that lie before
 * that check.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The architecture of this build. */
enum { STAGE_FILTER_HERE = 0 }; /* SCMP_ARCH_NATIVE */

/* malloc'ed struct sock_filter[]; `arch` as for bpf_build. */
int stage_filter_build(uint32_t arch, char **ret_program, size_t *ret_size);
