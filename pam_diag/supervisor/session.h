/* The state of the one session that a supervisor serves.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/policy.h"
#include "pam_diag/supervisor/authinfo.h"
#include "pam_diag/supervisor/kaudit.h"
#include "pam_diag/supervisor/reader.h"
#include "pam_diag/wire/channel.h"
#include "pam_diag/wire/control.h"
#include "sql/auditdb.h"
#include "sql/rec.h"

enum { SESSION_ID_SIZE = 33, CHILD_RECORDS_MOST = 64 };

/* The right of one process to execute one stage, once. */
struct grant {
        pid_t pid; /* 0: not asked for yet */
        bool used;
};

/* One diag-shell and the invocation that it runs. */
struct shell {
        struct shell *next;
        int channel;
        pid_t pid;
        int64_t invocation; /* 0 until it has asked */
        struct decision *decision; /* NULL until it has asked */
        bool running; /* an exec record is committed whose exit record is not */
        int64_t started_us; /* monotonic */
        struct grant grants[PLAN_STAGES_MOST];
        int place; /* among the commands that the key may run at once; owned, -1: none */
        unsigned refused_children;
        unsigned helpers; /* allowed execs of listed helpers */
};

struct session {
        char id[SESSION_ID_SIZE]; /* 32 lower-case hex digits */
        struct control_open open;
        struct authinfo auth;
        char *directory; /* of the database */
        pid_t monitor;
        char *monitor_exe;
        int control; /* owned */
        int pidfd; /* of the monitor; owned */
        int listener; /* owned */
        int run; /* the directory of operators' sockets; owned, -1: could not be made, run_error says why */
        int run_error;
        int door; /* the session's socket in it; owned */
        int caller; /* the operator who has come through it; owned */
        int mounts; /* the monitor's mountinfo, polled for changes; owned */
        uint64_t mask_device;
        char *group; /* path of the session's control group; NULL: it has none */
        int group_procs; /* its cgroup.procs, opened by root; owned */
        int home_procs; /* cgroup.procs of the group in which sshd is, opened by root; owned */
        int sshd_pidfd; /* of sshd's child, once it is in the group; owned; -1 before */
        pid_t sshd; /* its number */
        bool group_limited; /* what is in it is bounded as a whole */
        size_t mask_count; /* mounts that were masks when the session was opened */
        char **masked; /* patterns that the module has masked */
        struct reader reader;
        struct kaudit kaudit;
        struct policy *policy;
        char **reads; /* patterns of what the session may read: policy_allow and policy_runtime, without those inside another */
        struct auditdb *db;
        struct shell *shells;
        int64_t opened_us; /* monotonic, as is ended_us */
        int64_t ended_us;
        int64_t invocations;
        int64_t commands; /* allowed */
        int64_t denied;
        unsigned refused_strays; /* execs refused to processes of no invocation */
        const char *ending; /* why the session ends; NULL while it lives */
        int64_t deadline_ms; /* monotonic, once it ends */
        bool close_asked;
        bool monitor_gone;
        bool killed; /* by an operator */
        struct rec_operator killer;
        char *killer_name;
};

/* True while commands may start: the monitor lives and nothing has ended the session. Asked right before each record that allows and each
 * continue, so that a supervisor that was stopped meanwhile lets nothing run afterwards. */
bool session_is_live(struct session *session);

/* Ends the session when a mask has gone from its mount table since it was sealed. Nothing in the session can do that; the kernel does,
 * when the place under a mask is removed or replaced on the host: the mask goes with it, and what comes instead would be in sight. */
void session_check_mounts(struct session *session);
void session_mounts_changed(struct session *session); /* after the change was told */

/* How many mounts of the session's tree are masks; `mounts` is read anew. */
int session_count_masks(const struct session *session, size_t *ret_count);

/* True when that process executes the monitor's own program: sshd's child, not yet somebody else's code. */
bool session_runs_sshd(struct session *session, pid_t pid);

/* Ends the session once: every diag-shell sees its channel end and kills what it runs. */
void session_end(struct session *session, const char *how);

/* Ends whatever still runs, and gives back what belongs to the host; what the last record needs stays. */
void session_shed(struct session *session);

/* Closes and frees all of it. */
void session_clear(struct session *session);
