/* The layers of confinement by name, and which of them the running kernel lacks.
 *
 * Linked by: pam_diag.so, diagctl.
 *
 * Only names of this table may stand in a policy's accept-missing; the mounts, the listener and Landlock itself are not in it:
 * a session without them does not exist.
 */
#pragma once

#include <stdbool.h>

/* Appends the names of the layers that the kernel lacks ("landlock-net", …) to *missing. -errno when Landlock itself is not there. */
int layers_probe(char ***missing);

/* Whether the session's filter can have its listener, without installing anything: 0, -EINVAL for a kernel before 5.19 (no
 * WAIT_KILLABLE_RECV), another -errno where seccomp has no user notification. */
int layers_probe_listener(void);

/* True when every name of `missing` is in `accepted`; else *ret_first is the first that is not. */
bool layers_accepted(char *const *missing, char *const *accepted, const char **ret_first);
