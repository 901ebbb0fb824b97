#include "pam_diag/supervisor/record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "pam_diag/confine/mounts.h"
#include "pam_diag/supervisor/kaudit_text.h"
#include "sql/rec.h"

/* A line of 128 KiB whose every byte needs six (\u001b), its words once more, and the rest. */
enum { RECORD_MOST = 2 * 1024 * 1024, SMALL_FILE = 4096 };

static int commit(struct session *session, const struct buf *rec, int built, struct auditdb_why *ret_why)
{
        if (built < 0) {
                (void)snprintf(ret_why->text, sizeof(ret_why->text), "a record cannot be built: %s", strerror(-built));
                return built;
        }
        return auditdb_append(session->db, rec->data, rec->length, NULL, ret_why);
}

/* The first line of a small file of /proc; NULL when there is none. */
static char *first_line(const char *path)
{
        char *text = NULL;
        size_t length;

        if (fd_read_file(path, SMALL_FILE, &text, &length) < 0)
                return NULL;
        text[strcspn(text, "\n")] = '\0';
        return text;
}

/* The supervisor was forked from the monitor and has its login uid (proc(5), loginuid). */
static int64_t login_uid(void)
{
        cleanup_free char *text = first_line("/proc/self/loginuid");
        uint64_t uid;

        if (text == NULL || num_parse_u64(text, 0, UINT32_MAX - 1, &uid) < 0)
                return -1;
        return (int64_t)uid;
}

int record_open(struct session *session, char *const *missing, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(RECORD_MOST);
        cleanup_free char *boot = first_line("/proc/sys/kernel/random/boot_id");
        char host[HOST_NAME_MAX + 1] = "";
        int r;

        (void)gethostname(host, sizeof(host) - 1);
        r = rec_put_open(&rec, &(struct rec_open){
                                       .time_us = clock_real_us(),
                                       .session = session->id,
                                       .user = session->open.user,
                                       .uid = session->open.uid,
                                       .gid = session->open.gid,
                                       .auid = login_uid(),
                                       .client = session->open.client,
                                       .service = session->open.service,
                                       .tty = session->open.tty,
                                       .auth_method = session->auth.method,
                                       .key_type = session->auth.key_type,
                                       .key = session->auth.fingerprint,
                                       .key_name = policy_quota_of(session->policy, session->auth.fingerprint).key,
                                       .policy = policy_sha256(session->policy),
                                       .host = host,
                                       .boot = boot,
                                       .boot_us = clock_boot_us(),
                                       .monitor = session->monitor,
                                       .version = PAM_DIAG_VERSION,
                                       .missing = missing,
                                       .limits = session->group_limited ? "cgroup" : "rlimits",
                               });
        return commit(session, &rec, r, ret_why);
}

static const char *verdict_name(enum verdict verdict)
{
        switch (verdict) {
        case VERDICT_ALLOW:
                return "allow";
        case VERDICT_HELP:
                return "help";
        case VERDICT_DENY:
                break;
        }
        return "deny";
}

/* What has just been committed, for the kernel's audit. */
static bool take_row(const struct session *session, int64_t invocation, unsigned char hash[AUDITDB_HASH_SIZE],
                     struct kaudit_row *ret_row)
{
        *ret_row = (struct kaudit_row){ .session = session->id, .invocation = invocation, .hash = hash };
        return auditdb_appended(session->db, &ret_row->seq, hash) == 0;
}

static void tell_exec(struct session *session, const struct shell *shell, const struct channel_run *run)
{
        const struct decision *decision = shell->decision;
        cleanup_buf struct buf text = BUF_INIT(RECORD_MOST);
        unsigned char hash[AUDITDB_HASH_SIZE];
        struct kaudit_row row;

        if (!take_row(session, shell->invocation, hash, &row))
                return;
        kaudit_text_exec(&text, &row, session->open.user, verdict_name(decision->verdict), decision->rule, run->line,
                         run->line_length);
        kaudit_tell(&session->kaudit, KAUDIT_EXEC, decision->verdict != VERDICT_DENY,
                    kaudit_address(session->open.client), &text);
}

static void tell_exit(struct session *session, const struct rec_exit *end)
{
        cleanup_buf struct buf text = BUF_INIT(RECORD_MOST);
        unsigned char hash[AUDITDB_HASH_SIZE];
        struct kaudit_row row;

        if (!take_row(session, end->invocation, hash, &row))
                return;
        kaudit_text_exit(&text, &row, end->how, end->status, end->signal);
        kaudit_tell(&session->kaudit, KAUDIT_EXIT, end->status == 0 && end->signal == 0,
                    kaudit_address(session->open.client), &text);
}

/* What runs when it is allowed, what was asked when it is not. */
static size_t fill_stages(const struct decision *decision, struct rec_stage stages[PLAN_STAGES_MOST])
{
        bool runs = decision->verdict == VERDICT_ALLOW;
        size_t n = 0;

        for (; n < decision->stage_count && n < PLAN_STAGES_MOST; n++)
                stages[n] = (struct rec_stage){
                        .rule = decision->stages[n].rule,
                        .program = runs ? decision->stages[n].program : NULL,
                        .argv = runs ? decision->stages[n].argv : NULL,
                        .words = runs ? NULL : decision->stages[n].words,
                };
        return n;
}

int record_exec(struct session *session, const struct shell *shell, const struct channel_run *run,
                struct auditdb_why *ret_why)
{
        const struct decision *decision = shell->decision;
        cleanup_buf struct buf rec = BUF_INIT(RECORD_MOST);
        struct rec_stage stages[PLAN_STAGES_MOST];
        size_t count = fill_stages(decision, stages);
        int r = rec_put_exec(&rec,
                             &(struct rec_exec){
                                     .time_us = clock_real_us(),
                                     .session = session->id,
                                     .invocation = shell->invocation,
                                     .verdict = verdict_name(decision->verdict),
                                     .line = run->line,
                                     .line_length = run->line_length,
                                     .tty = run->tty,
                                     .client_port = run->client_port,
                                     .cwd = MOUNTS_EMPTY_DIR,
                                     .code = decision->code == CODE_NONE ? NULL : decide_code_name(decision->code),
                                     .rule = decision->rule,
                                     .reason = decision->reason,
                                     .hint = decision->hint,
                                     .word = decision->word,
                                     .position = decision->position,
                                     .stages = stages,
                                     .stage_count = count,
                             });

        r = commit(session, &rec, r, ret_why);
        if (r == 0)
                tell_exec(session, shell, run);
        return r;
}

int record_child(struct session *session, const struct shell *shell, const struct record_attempt *attempt,
                 struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(RECORD_MOST);
        int r = rec_put_child(&rec, &(struct rec_child){
                                            .time_us = clock_real_us(),
                                            .session = session->id,
                                            .invocation = shell == NULL ? 0 : shell->invocation,
                                            .verdict = attempt->reason == NULL ? "allow" : "deny",
                                            .pid = attempt->caller->pid,
                                            .uid = attempt->caller->uids[1],
                                            .program = attempt->program == NULL ? "" : attempt->program,
                                            .argv = attempt->argv,
                                            .truncated = attempt->cut,
                                            .reason = attempt->reason,
                                    });

        return commit(session, &rec, r, ret_why);
}

int record_monitor(struct session *session, const struct record_attempt *attempt, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(RECORD_MOST);
        int r = rec_put_monitor(&rec, &(struct rec_monitor){
                                              .time_us = clock_real_us(),
                                              .session = session->id,
                                              .pid = attempt->caller->pid,
                                              .program = attempt->program == NULL ? "" : attempt->program,
                                              .argv = attempt->argv,
                                      });

        return commit(session, &rec, r, ret_why);
}

static const char *const how_names[END_HOW_COUNT] = {
        [END_EXITED] = "exited",           [END_TIMEOUT] = "timeout",         [END_OUTPUT_LIMIT] = "output-limit",
        [END_CLIENT_GONE] = "client-gone", [END_INTERRUPTED] = "interrupted", [END_SESSION] = "session-ended",
        [END_FAILED] = "failed",
};

static int put_exit(struct session *session, const struct rec_exit *end, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(RECORD_MOST);
        int r = commit(session, &rec, rec_put_exit(&rec, end), ret_why);

        if (r == 0)
                tell_exit(session, end);
        return r;
}

int record_exit(struct session *session, const struct shell *shell, const struct channel_end *end,
                struct auditdb_why *ret_why)
{
        static const struct channel_end nothing;
        const struct channel_end *known = end == NULL ? &nothing : end;
        int64_t elapsed = clock_monotonic_us() - shell->started_us;
        const struct rec_exit rec = {
                .time_us = clock_real_us(),
                .session = session->id,
                .invocation = shell->invocation,
                .status = end == NULL || end->signal != 0 ? -1 : (int)end->status,
                .signal = known->signal,
                .how = end == NULL ? "lost" : how_names[end->how],
                .duration_us = end == NULL ? elapsed : (int64_t)known->duration_us,
                .user_us = (int64_t)known->user_us,
                .system_us = (int64_t)known->system_us,
                .max_rss_kb = (int64_t)known->max_rss_kb,
                .stdout_bytes = (int64_t)known->stdout_bytes,
                .stderr_bytes = (int64_t)known->stderr_bytes,
                .stage_status = known->statuses,
                .stage_count = known->status_count,
                .refused_children = shell->refused_children,
        };

        return put_exit(session, &rec, ret_why);
}

int record_not_audited(struct session *session, const struct shell *shell, struct auditdb_why *ret_why)
{
        const struct rec_exit rec = { .time_us = clock_real_us(),
                                      .session = session->id,
                                      .invocation = shell->invocation,
                                      .status = -1,
                                      .how = "not-audited" };

        return put_exit(session, &rec, ret_why);
}

int record_close(struct session *session, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(RECORD_MOST);
        int r = rec_put_close(&rec, &(struct rec_close){
                                            .time_us = clock_real_us(),
                                            .session = session->id,
                                            .how = session->ending,
                                            .by = session->killed ? &session->killer : NULL,
                                            .commands = session->commands,
                                            .denied = session->denied,
                                            .duration_us = session->ended_us - session->opened_us,
                                            .audit_lost = (int64_t)kaudit_settle(&session->kaudit),
                                    });

        return commit(session, &rec, r, ret_why);
}
