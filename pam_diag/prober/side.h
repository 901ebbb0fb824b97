/* sshd's unprivileged side: the process that sshd forks for its user, and what it starts.
 *
 * Linked by: diag-prober.
 */
#pragma once

#include <sys/types.h>

#include "pam_diag/prober/bait.h"

/* Forks the user's side: it drops to the user, tries what sshd's own process must not be able to do, and lets the user's login shell run diag-probe.
 * Everything that was found is said on standard output (finding.h). Returns when that process has ended. */
int side_run(const char *user, const struct bait *bait);
