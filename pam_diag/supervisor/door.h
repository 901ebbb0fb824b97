/* Where an operator has a session killed.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include "pam_diag/supervisor/session.h"

/* Removes what supervisors that were killed have left in the directory of the sockets. What cannot be removed stays. */
void door_sweep(int directory);

/* Sweeps, and opens the session's socket (wire/operator.h). -errno. */
int door_open(struct session *session);
/* Closes and removes it. */
void door_close(struct session *session);

/* Takes in who knocks, and does what the one inside asks for; both once poll(2) has said that there is something. */
void door_accept(struct session *session);
void door_serve(struct session *session);

/* Tells the operator that the end is on record. */
void door_tell_closed(struct session *session);
