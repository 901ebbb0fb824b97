/* The layers of confinement by name, and which of them the running kernel lacks.
 *
 * Linked by: pam_diag.so, diagctl.
 *
 * Only names of this table may stand in a policy's accept-missing; the mounts, the listener and Landlock itself are not in it:
 * a session without them does not exist.
 */
#pragma once

/* Appends the names of the layers that the kernel lacks ("landlock-net", …) to *missing. -errno when Landlock itself is not there. */
int layers_probe(char ***missing);

/* Whether the session's filter can have its listener, without installing anything: 0, -EINVAL for a kernel before 5.19 (no
 * WAIT_KILLABLE_RECV), another -errno where seccomp has no user notification. */
int layers_probe_listener(void);

/* The names of `missing` that are not in `accepted`, in that order, with blanks between them (malloc); NULL when there are none. Either list may
 * be NULL. -ENOMEM. */
int layers_refused(char *const *missing, char *const *accepted, char **ret_names);
