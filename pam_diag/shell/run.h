/* A plan carried out: its pipelines, one after another as their links say.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include "pam_diag/wire/channel.h"

/* Runs what is to be run and reports nothing. *ret_end says how the line ended. 0, or -errno when something could not be started or
 * watched: *ret_step and *ret_program name it, and what ran is dead by then. */
int run_plan(const struct plan *plan, int signals, struct channel_end *ret_end, const char **ret_step,
             const char **ret_program);
