/* What holds for sshd's own process once the session is open, before it starts anything: sftp and forwarding happen there.
 *
 * Linked by: diag-prober.
 */
#pragma once

#include "pam_diag/prober/bait.h"

/* As the user, in the process that stands for sshd's child. One line a layer on standard output (finding.h). */
void session_probe(const struct bait *bait);
