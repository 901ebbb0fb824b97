/* The life of an open session, to its committed close record.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include "pam_diag/supervisor/session.h"

/* Returns when the session has ended and its end is on record (or could not be put there: -errno). */
int serving_run(struct session *session);
