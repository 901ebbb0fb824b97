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

/* Takes the way back: the descriptor that moves processes to where sshd is. -EBADMSG. */
int group_take_home(struct session *session, size_t length, int *fd);

/* Puts a process into the group, if it is not there: all that it starts from then on is born there. */
int group_enter(const struct session *session, pid_t pid);

/* The same for sshd's child, which comes out again before the others are ended. */
int group_enter_sshd(struct session *session, pid_t pid);

/* Ends every process in it but sshd's child, which has their ends to tell. */
void group_kill(const struct session *session);

/* Removes it, once its processes are gone. */
void group_remove(struct session *session);
