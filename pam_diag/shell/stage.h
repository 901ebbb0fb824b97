/* One process of a plan: confined, announced, executed.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include <sys/types.h>

#include "pam_diag/wire/channel.h"

/* What becomes a stage's standard streams; borrowed. `in` may be -1: nothing to read. */
struct stage_streams {
        int in;
        int out;
        int err;
};

/* Starts stage number `index`. It runs in a session of its own without a terminal, in an empty directory, in its Landlock domain, and dies
 * with this process. On failure -errno, and *ret_step (a constant) says at what: what could not be confined does not run. */
int stage_start(const struct plan *plan, uint32_t index, struct stage_streams streams, pid_t *ret_pid,
                const char **ret_step);
