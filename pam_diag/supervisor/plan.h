/* From a decision to what diag-shell is told to do.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include "pam_diag/supervisor/session.h"

/* Programs, arguments, a closed environment made of constants, limits, and the places that each stage may read and execute. */
int plan_make(struct session *session, const struct decision *decision, const struct channel_run *run,
              struct plan *ret_plan);
