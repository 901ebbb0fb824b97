/* The beginning of a session: from the module's question to the committed open record.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include "pam_diag/supervisor/session.h"

/* Serves the module's two questions. 0 when the session is open and recorded; on failure the module has been told why, in one line. */
int opening_serve(struct session *session);
