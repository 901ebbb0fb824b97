/* A running pipeline: relayed, limited, ended.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include "pam_diag/shell/reap.h"
#include "pam_diag/wire/channel.h"

/* A pipeline that runs: its processes, the ends of the pipes that its last stdout and every stderr go to. */
struct watch_pipeline {
        struct reaped stages[PLAN_STAGES_MOST];
        size_t count;
        int out; /* owned */
        int err; /* owned */
};

/* Relays until the pipeline and all that it has started have ended. `signals` is a signalfd for SIGCHLD and the signals that end a command.
 * *end carries what the line has used so far and comes back with this pipeline added: how it ended, the status of its last stage. The
 * descriptors of `pipeline` are closed, its stages marked with their statuses. On failure -errno, and nothing is left running. */
int watch_run(const struct plan *plan, struct watch_pipeline *pipeline, int signals, int64_t started_us,
              struct channel_end *end);
