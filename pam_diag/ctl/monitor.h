/* sshd's monitor of a session: the process that an operator has killed.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdint.h>

/* Is the process behind this pidfd the monitor of a session: the one with that pid, root's, sshd, and confined (no_new_privs, a seccomp
 * filter)? Safe against a number that somebody else has by now: what is read is /proc/PID, and that it was this process's all the time
 * is asked of the pidfd afterwards (pidfd_open(2)). 0; -ESRCH: it is gone; -ENXIO: it is something else. */
int monitor_prove(int pidfd, int64_t pid);

/* Asks it to end (SIGTERM, which sshd hands on to its child), and after `patience_ms` kills its children and itself. 0 once it has ended; -errno. */
int monitor_end(int pidfd, int patience_ms);
