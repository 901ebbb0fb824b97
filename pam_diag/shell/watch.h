/* A running command: relayed, limited, ended.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include "pam_diag/shell/stage.h"
#include "pam_diag/wire/channel.h"

/* Relays until the command and all that it has started have ended. `signals` is a signalfd for SIGCHLD and the signals that end a command.
 * *ret_end says how it ended; the descriptors of `process` are closed. */
int watch_run(const struct plan *plan, struct stage_process *process, int signals, struct channel_end *ret_end);
