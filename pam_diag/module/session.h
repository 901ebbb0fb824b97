/* One diag session from the module's side: started, confined, ended.
 *
 * Linked by: pam_diag.so.
 */
#pragma once

#include "pam_diag/module/arguments.h"
#include "pam_diag/wire/control.h"

struct session;

/* Closes the descriptor and forgets; the supervisor then sees only that the monitor goes away. NULL-safe. */
void session_free(struct session *session);

/* Starts the supervisor, confines the calling process, and returns when the open record is committed. On failure -errno, and
 * *ret_why (malloc, may be NULL when memory ended) says what failed and where, in one line. */
int session_open(const struct arguments *arguments, const struct control_open *open, struct session **ret_session,
                 char **ret_why);

/* Tells the supervisor and waits, with a bound, until the end is on record. -ETIMEDOUT, or -ECONNRESET when the supervisor is gone. 0 at
 * once in any process but the one that opened. */
int session_close(struct session *session);
