/* The diag-shells of a session: each an open channel and at most one invocation.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include "pam_diag/supervisor/session.h"

/* A new shell; the channel becomes its own. NULL when memory ends (the channel is closed then). */
struct shell *shells_add(struct session *session, int channel, pid_t pid);

/* Closes the channel; the shell sees that as the end of the session. */
void shells_remove(struct session *session, struct shell *shell);

/* Takes every message that waits on every channel. A shell that breaks the protocol or has gone is removed, its invocation recorded as lost. */
void shells_serve(struct session *session);

/* Whether some invocation's end is still to be recorded. */
bool shells_running(const struct session *session);

/* Records what is still running as lost and removes all. */
void shells_abandon(struct session *session);

/* The shell and stage whose process `pid` is: by its grant. NULL when there is none. */
struct shell *shells_find_stage(struct session *session, pid_t pid, size_t *ret_stage);
