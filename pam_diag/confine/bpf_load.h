/* Puts a seccomp program in force that somebody else has built.
 *
 * Linked by: pam_diag.so, diag-supervisor, diag-shell.
 */
#pragma once

#include <stddef.h>

/* For the calling process, single-threaded and with no_new_privs: `program` are struct sock_filter, `size` in bytes; `flags` are
 * SECCOMP_FILTER_FLAG_*. 0, or the listener with SECCOMP_FILTER_FLAG_NEW_LISTENER; -EINVAL for what is no program. seccomp(2) */
int bpf_load(const char *program, size_t size, unsigned flags);
