/* One process of a plan: confined, announced, executed.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include <sys/types.h>

#include "pam_diag/wire/channel.h"

struct stage_process {
        pid_t pid;
        int out; /* its stdout, to read; owned */
        int err; /* its stderr */
};

/* Starts stage number `index`. It runs in a session of its own without a terminal, with nothing on stdin, in an empty directory, in its Landlock
 * domain, and dies with this process. On failure -errno, and *ret_step (a constant) says at what: what could not be confined does not run. */
int stage_start(const struct plan *plan, uint32_t index, struct stage_process *ret_process, const char **ret_step);
