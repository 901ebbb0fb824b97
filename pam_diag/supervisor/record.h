/* The session's records: built, committed, durable when the function returns 0.
 *
 * Linked by: diag-supervisor.
 *
 * On failure -errno, and *ret_why says in one line what failed and where.
 */
#pragma once

#include "pam_diag/supervisor/caller.h"
#include "pam_diag/supervisor/session.h"

int record_open(struct session *session, char *const *missing, struct auditdb_why *ret_why);
int record_exec(struct session *session, const struct shell *shell, const struct channel_run *run,
                struct auditdb_why *ret_why);

/* An exec that a process of the session tried by itself. `shell` may be NULL: of no invocation. */
struct record_attempt {
        const struct caller *caller;
        const char *program; /* as named; NULL when it could not be read */
        char *const *argv;
        bool cut;
        const char *reason; /* NULL: allowed */
};
int record_child(struct session *session, const struct shell *shell, const struct record_attempt *attempt,
                 struct auditdb_why *ret_why);
int record_monitor(struct session *session, const struct record_attempt *attempt, struct auditdb_why *ret_why);

/* `end` NULL: the shell went away without a report. */
int record_exit(struct session *session, const struct shell *shell, const struct channel_end *end,
                struct auditdb_why *ret_why);
/* The end of a command that was allowed, and did not run as the kernel's audit, which the policy requires, could not be told of it. */
int record_not_audited(struct session *session, const struct shell *shell, struct auditdb_why *ret_why);
int record_close(struct session *session, struct auditdb_why *ret_why);
