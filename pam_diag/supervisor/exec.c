#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/caller.h"
#include "pam_diag/supervisor/group.h"
#include "pam_diag/supervisor/notify.h"
#include "pam_diag/supervisor/record.h"
#include "pam_diag/supervisor/shells.h"
#include "pam_diag/wire/message.h"

enum { SEEN_WORDS = 64, SEEN_BYTES = 8192, HELPERS_MOST = 256 };

/* One exec as it was asked for. */
struct attempt {
        const struct notification *notification;
        struct caller caller;
        char *program; /* as named by the caller; NULL when it could not be read */
        char **argv; /* up to SEEN_WORDS words; NULL when it was not, or could not be, read */
        int cut;
};

static void attempt_free(struct attempt *attempt)
{
        free(attempt->program);
        strv_free(attempt->argv);
}

static void attempt_read_program(struct session *session, struct attempt *attempt)
{
        bool at = attempt->notification->call == LISTENER_EXECVEAT;

        (void)reader_text(&session->reader, attempt->notification->pid, attempt->notification->arguments[at ? 1 : 0],
                          PATH_MAX, &attempt->program);
}

/* For a record of what was asked, so before the caller is answered. */
static void attempt_read_argv(struct session *session, struct attempt *attempt)
{
        bool at = attempt->notification->call == LISTENER_EXECVEAT;

        (void)reader_argv(&session->reader, attempt->notification->pid, attempt->notification->arguments[at ? 2 : 1],
                          SEEN_WORDS, SEEN_BYTES, &attempt->argv, &attempt->cut);
}

static void refuse(const struct session *session, const struct attempt *attempt)
{
        (void)listener_refuse(session->listener, attempt->notification->id, EACCES);
}

/* The last look before a continue: is it still the same caller, and does the monitor still live? */
static bool let_run(struct session *session, const struct attempt *attempt)
{
        if (!session_is_live(session) || !listener_is_valid(session->listener, attempt->notification->id)) {
                refuse(session, attempt);
                return false;
        }
        return listener_continue(session->listener, attempt->notification->id) == 0;
}

/* sshd's unprivileged child forks a process that becomes the login shell: monitor, user child, this one. Only sshd's own code runs in
 * them, nothing of theirs is shared with a program of the user's. */
static bool is_sshd_side(struct session *session, const struct caller *caller)
{
        struct caller parent;

        if (!caller_is_uid(caller, session->open.uid) || caller->threads != 1 ||
            !session_runs_sshd(session, caller->pid))
                return false;
        return caller_load(caller->parent, &parent) == 0 && parent.parent == session->monitor &&
               caller_is_uid(&parent, session->open.uid) && session_runs_sshd(session, parent.pid);
}

/* sshd's child as well: what it starts from then on is born in the group. A move costs what all of a command does, since the kernel waits for
 * each of its processors then (cgroup_threadgroup_rwsem), so it is worth one for each connection and no more. Safe: the caller waits, so its
 * parent can only have been replaced by its death, and numbers of processes do not come round in that time. The monitor is never in there. */
static int enter_group(struct session *session, const struct caller *caller)
{
        int r = group_enter_sshd(session, caller->parent);

        return r < 0 ? r : group_enter(session, caller->pid);
}

/* Gives the caller its channel and lets it become diag-shell. */
static void start_shell(struct session *session, const struct attempt *attempt)
{
        cleanup_fd int theirs = -1;
        struct shell *shell;
        int ours;

        if (message_pair(&theirs, &ours) < 0) {
                refuse(session, attempt);
                return;
        }
        shell = shells_add(session, ours, attempt->caller.pid);
        if (shell == NULL || enter_group(session, &attempt->caller) < 0 ||
            listener_inject(session->listener, attempt->notification->id, theirs, CHANNEL_FD) < 0) {
                if (shell != NULL)
                        shells_remove(session, shell);
                refuse(session, attempt);
                return;
        }
        if (!let_run(session, attempt))
                shells_remove(session, shell);
}

static bool is_exactly(char *const *argv, char *const *planned)
{
        size_t i = 0;

        if (argv == NULL)
                return false;
        while (argv[i] != NULL && planned[i] != NULL && strcmp(argv[i], planned[i]) == 0)
                i++;
        return argv[i] == NULL && planned[i] == NULL;
}

/* Whether the exec is what the grant says, to the last byte of its argv (I1). The caller is a fork of diag-shell that has run
 * nothing but diag-shell's code, with one thread and memory of its own. */
static bool is_granted(struct session *session, const struct attempt *attempt, struct shell *shell, size_t stage)
{
        const struct stage *planned = &shell->decision->stages[stage];
        cleanup_strv char **argv = NULL;
        int cut = 0;

        if (shell->grants[stage].used || attempt->notification->call != LISTENER_EXECVE ||
            !caller_is_uid(&attempt->caller, session->open.uid) || attempt->caller.threads != 1 ||
            attempt->caller.parent != shell->pid || attempt->program == NULL ||
            strcmp(attempt->program, planned->program) != 0)
                return false;
        return reader_argv(&session->reader, attempt->notification->pid, attempt->notification->arguments[1],
                           DECIDE_WORDS_MOST + 64, MESSAGE_BODY_MOST, &argv, &cut) == 0 &&
               cut == 0 && is_exactly(argv, planned->argv);
}

/* By name. Whoever shares the caller's memory may swap the name before the kernel reads it: Landlock's EXECUTE right bounds what can come of
 * that to the rule's own programs and their ELF interpreters, and an interpreter loads any file that may be read. A rule with helpers is
 * therefore one whose program is trusted not to attack; the record shows what was asked for. */
static bool is_helper(const struct attempt *attempt, const struct shell *shell, size_t stage)
{
        char *const *helpers = shell->decision->stages[stage].helpers;

        for (size_t i = 0; helpers != NULL && attempt->program != NULL && helpers[i] != NULL; i++)
                if (strcmp(attempt->program, helpers[i]) == 0)
                        return true;
        return false;
}

struct find {
        struct session *session;
        struct shell *shell;
        size_t stage;
};

static bool is_stage(void *context, pid_t pid)
{
        struct find *find = context;

        find->shell = shells_find_stage(find->session, pid, &find->stage);
        return find->shell != NULL;
}

/* Refused or a helper: on record either way, the first ones of an invocation each, a flood of them as a number in the exit record. */
static void answer_child(struct session *session, struct attempt *attempt, const struct find *find)
{
        bool helper = find->shell != NULL && is_helper(attempt, find->shell, find->stage);
        unsigned *count = find->shell != NULL ? &find->shell->refused_children : &session->refused_strays;
        struct record_attempt record = {
                .caller = &attempt->caller,
                .program = attempt->program,
                .reason = helper ? NULL : "no program may start another one here",
        };
        struct auditdb_why why;

        /* Every helper has its record before it runs: a loop over one must not fill the database that gates every login. */
        if (helper && ++find->shell->helpers > HELPERS_MOST) {
                helper = false;
                record.reason = "too many helpers in one command";
        }
        if (helper || *count < CHILD_RECORDS_MOST) {
                attempt_read_argv(session, attempt);
                record.argv = attempt->argv;
                record.cut = attempt->cut != 0;
        }
        if (helper && record_child(session, find->shell, &record, &why) == 0) {
                (void)let_run(session, attempt);
                return;
        }
        refuse(session, attempt);
        if (++*count <= CHILD_RECORDS_MOST && !helper)
                (void)record_child(session, find->shell, &record, &why);
}

/* uid 0 under the filter is sshd's monitor or another module's helper that it starts: nothing can gain root again below it. */
static void answer_monitor(struct session *session, struct attempt *attempt)
{
        struct record_attempt record = { .caller = &attempt->caller, .program = attempt->program };
        struct auditdb_why why;

        attempt_read_argv(session, attempt);
        record.argv = attempt->argv;
        record.cut = attempt->cut != 0;
        if (record_monitor(session, &record, &why) < 0)
                refuse(session, attempt);
        else if (listener_is_valid(session->listener, attempt->notification->id))
                (void)listener_continue(session->listener, attempt->notification->id);
}

static bool is_monitor(void *context, pid_t pid)
{
        const struct session *session = context;

        return pid == session->monitor;
}

void exec_answer(struct session *session, const struct notification *notification)
{
        __attribute__((cleanup(attempt_free))) struct attempt attempt = { .notification = notification };
        struct find find = { .session = session };

        if (caller_load(notification->pid, &attempt.caller) < 0) {
                refuse(session, &attempt);
                return;
        }
        attempt_read_program(session, &attempt);
        if (caller_is_uid(&attempt.caller, 0) && caller_ancestor(&attempt.caller, is_monitor, session) != 0) {
                answer_monitor(session, &attempt);
                return;
        }
        if (attempt.program != NULL && strcmp(attempt.program, session->open.shell) == 0 &&
            is_sshd_side(session, &attempt.caller)) {
                start_shell(session, &attempt);
                return;
        }
        (void)caller_ancestor(&attempt.caller, is_stage, &find);
        if (find.shell != NULL && find.shell->grants[find.stage].pid == attempt.caller.pid &&
            is_granted(session, &attempt, find.shell, find.stage)) {
                find.shell->grants[find.stage].used = true;
                (void)let_run(session, &attempt);
                return;
        }
        answer_child(session, &attempt, &find);
}
