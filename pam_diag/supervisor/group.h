/* The session's control group: what it has started is in there, and ends with it.
 *
 * Linked by: diag-supervisor.
 *
 * A session without one (accept-missing = cgroup-kill) has nothing to enter, kill or remove: these do nothing then.
 */
#pragma once

#include "pam_diag/supervisor/session.h"

/* Takes what the module has made: a path, and the descriptor that moves processes. -EBADMSG. */
int group_take(struct session *session, const char *data, size_t length, int *fd);

/* Puts a process into the group before it becomes diag-shell: all that it starts is born there. */
int group_enter(const struct session *session, pid_t pid);

/* Ends every process in it. */
void group_kill(const struct session *session);

/* Removes it, once its processes are gone. */
void group_remove(struct session *session);
