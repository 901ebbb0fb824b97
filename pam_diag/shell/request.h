/* What sshd wants this shell to run.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include "pam_diag/wire/channel.h"

/* From the arguments and sshd's variables. -EINVAL for arguments that a login shell does not get, -E2BIG for a line over the limit. */
int request_read(int argc, char **argv, struct channel_run *ret_run);
