/* Notifications of the session's filter: answered one by one.
 *
 * Linked by: diag-supervisor.
 *
 * The rule behind all of it: never continue what somebody else could change meanwhile. A socket call's arguments are registers. An exec
 * is continued only for a process whose code is ours or sshd's, with one thread; every other one is refused here, which cannot be raced.
 */
#pragma once

#include "pam_diag/confine/listener.h"
#include "pam_diag/supervisor/session.h"

/* Takes one notification and answers it. */
void notify_serve(struct session *session);

/* exec.c and network.c: decide one call. They answer it themselves. */
void exec_answer(struct session *session, const struct notification *notification);
void network_answer(struct session *session, const struct notification *notification);
