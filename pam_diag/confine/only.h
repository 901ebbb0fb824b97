/* A process that may make these system calls and no others.
 *
 * Linked by: diag-supervisor (its reader and its teller).
 */
#pragma once

#include <stddef.h>

/* Every other call kills the process. For good; no_new_privs must be set. 0 or -errno. */
int only_calls(const int *calls, size_t count);
