/* The seccomp programs for the architecture that this was built for: struct sock_filter[] each, in bytes for bpf_load.
 *
 * Linked by: pam_diag.so (session), diag-supervisor (the others).
 *
 * libseccomp makes them when this is built (make_filters.c), each in an object of its own: it costs every session a third of a millisecond a program,
 * and sshd's process a library, to make the same bytes again.
 */
#pragma once

#include <stddef.h>

extern const char made_session[];
extern const size_t made_session_size;
extern const char made_stage[];
extern const size_t made_stage_size;
extern const char made_reader[];
extern const size_t made_reader_size;
extern const char made_kaudit[];
extern const size_t made_kaudit_size;
