/* Calls of the kernel with the errno that each must get in a stage without any grant.
 *
 * Linked by: diag-probe.
 */
#pragma once

enum calls_part { CALLS_ALL, CALLS_SOCKETS, CALLS_OTHERS };

/* `got`: 0 or -errno, or what try_apart tells of a call that ended its process. */
typedef void calls_wrong(void *context, const char *name, int got, int expected);

/* Makes each call in a process of its own, and tells which were not refused as they must be. -EPERM for a caller with privilege, for which
 * some would be done; -errno when no process can be had. */
int calls_try(enum calls_part part, calls_wrong *wrong, void *context, unsigned *ret_made);

/* Attempts for try_apart. Elsewhere than on x86_64 they do nothing. */
int calls_x32(const void *context);
int calls_i386(const void *context);
