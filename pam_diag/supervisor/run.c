#include "pam_diag/supervisor/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/policy/resolve.h"
#include "pam_diag/supervisor/plan.h"
#include "pam_diag/supervisor/quota.h"
#include "pam_diag/supervisor/record.h"

enum { TEXT_MOST = 64 * 1024 };

static int send_refusal(struct shell *shell, uint32_t status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static int send_refusal(struct shell *shell, uint32_t status, const char *format, ...)
{
        cleanup_buf struct buf text = BUF_INIT(TEXT_MOST);
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        va_list arguments;

        va_start(arguments, format);
        buf_vprintf(&text, format, arguments);
        va_end(arguments);
        channel_refusal_pack(status, text.error != 0 ? "refused (the reason is too long to show)" : text.data, &body);
        return message_send(shell->channel, CHANNEL_ANSWER_REFUSED, &body, -1);
}

static int send_denial(struct shell *shell)
{
        const struct decision *decision = shell->decision;
        const char *hint = decision->hint == NULL ? "" : decision->hint;

        return send_refusal(shell, decision->code == CODE_COMMAND ? STATUS_UNKNOWN : STATUS_REFUSED, "refused: %s%s%s",
                            decision->reason == NULL ? "not allowed" : decision->reason, *hint == '\0' ? "" : ". ",
                            hint);
}

static int send_text(struct shell *shell)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);

        pack_text(&body, shell->decision->text == NULL ? "" : shell->decision->text);
        return message_send(shell->channel, CHANNEL_ANSWER_TEXT, &body, -1);
}

static int send_plan(struct session *session, struct shell *shell, const struct channel_run *run)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        cleanup_plan struct plan plan = { 0 };
        int r = plan_make(session, shell->decision, run, &plan);

        if (r < 0)
                return r;
        plan_pack(&plan, &body);
        return message_send(shell->channel, CHANNEL_ANSWER_PLAN, &body, -1);
}

static int send_decided(struct session *session, struct shell *shell, const struct channel_run *run)
{
        switch (shell->decision->verdict) {
        case VERDICT_ALLOW:
                return send_plan(session, shell, run);
        case VERDICT_HELP:
                return send_text(shell);
        case VERDICT_DENY:
                break;
        }
        return send_denial(shell);
}

static void count(struct session *session, struct shell *shell)
{
        shell->running = shell->decision->verdict == VERDICT_ALLOW;
        if (shell->running)
                session->commands++;
        else if (shell->decision->verdict == VERDICT_DENY)
                session->denied++;
}

void run_record_unasked(struct session *session, struct shell *shell)
{
        static const char reason[] = "diag-shell ended before it could ask (was the line too long?)";
        struct channel_run nothing = { 0 };
        char none[] = "";
        struct auditdb_why why;

        nothing.line = none;
        shell->invocation = ++session->invocations;
        shell->decision = calloc(1, sizeof(*shell->decision));
        if (shell->decision == NULL)
                return;
        shell->decision->code = CODE_LIMIT;
        shell->decision->reason = strdup(reason);
        session->denied++;
        (void)record_exec(session, shell, &nothing, &why);
}

/* A key that has used up what it may (-EDQUOT), or whose use cannot be counted. */
static int deny_key(struct shell *shell, const struct policy_quota *quota, int error, bool counting)
{
        cleanup_buf struct buf reason = BUF_INIT(TEXT_MOST);

        if (error != -EDQUOT)
                buf_printf(&reason, "key %s cannot be bounded: its quota file beside the database: %s", quota->key,
                           strerror(-error));
        else if (counting)
                buf_printf(&reason, "key %s has sent %u command lines within a minute already", quota->key,
                           quota->rate);
        else
                buf_printf(&reason, "key %s runs %u commands already", quota->key, quota->concurrency);
        if (reason.error != 0)
                return reason.error;
        return decision_deny(shell->decision, CODE_KEY, reason.data,
                             error == -EDQUOT ? "wait, or ask for several things in one line: a; b; c" : NULL);
}

/* Every line counts, whatever becomes of it: a loop that asks for what it may not have is bounded, too. */
static int bound_key(struct session *session, struct shell *shell)
{
        const struct policy_quota quota = policy_quota_of(session->policy, session->auth.fingerprint);
        int r = 0;

        if (quota.rate > 0)
                r = quota_count(session->directory, quota.key, quota.rate, clock_boot_us());
        if (r < 0)
                return deny_key(shell, &quota, r, true);
        if (quota.concurrency > 0 && shell->decision->verdict == VERDICT_ALLOW)
                r = quota_take(session->directory, quota.key, quota.concurrency, &shell->place);
        return r < 0 ? deny_key(shell, &quota, r, false) : 0;
}

static int bound_session(const struct session *session, struct shell *shell)
{
        unsigned most = policy_concurrency(session->policy);
        cleanup_buf struct buf reason = BUF_INIT(TEXT_MOST);
        unsigned running = 0;

        for (const struct shell *other = session->shells; other != NULL; other = other->next)
                running += other->running;
        if (most == 0 || running < most || shell->decision->verdict != VERDICT_ALLOW)
                return 0;
        buf_printf(&reason, "this session runs %u commands already", running);
        if (reason.error != 0)
                return reason.error;
        return decision_deny(shell->decision, CODE_LIMIT, reason.data, "wait until one of them has ended");
}

/* It is on record as allowed, and now as not run. */
static int refuse_unaudited(struct session *session, struct shell *shell, int error)
{
        struct auditdb_why why;

        (void)record_not_audited(session, shell, &why);
        return send_refusal(shell, STATUS_REFUSED,
                            "refused: the policy requires the kernel's audit, so the command does not run: %s",
                            kaudit_why(error));
}

int run_answer(struct session *session, struct shell *shell, const struct message *message)
{
        cleanup_channel_run struct channel_run run = { 0 };
        struct policy_login login;
        struct auditdb_why why;
        int r;

        if (shell->invocation != 0 || message->uid != session->open.uid || message->pid != shell->pid ||
            channel_run_unpack(message->body, message->length, &run) < 0)
                return -EPROTO;
        shell->invocation = ++session->invocations;
        shell->started_us = clock_monotonic_us();
        login = (struct policy_login){ .fingerprint = session->auth.fingerprint, .time_s = clock_real_us() / 1000000 };
        r = policy_decide(session->policy, &login, run.line, run.line_length, &path_resolver_live, &shell->decision);
        if (r == 0)
                r = bound_session(session, shell);
        if (r == 0)
                r = bound_key(session, shell);
        if (r < 0)
                return r;
        /* What is asked of a session that has ended is neither run nor, since its close is the last record, recorded. */
        if (!session_is_live(session))
                return send_refusal(shell, STATUS_REFUSED, "refused: the session has ended");
        r = record_exec(session, shell, &run, &why);
        if (r < 0)
                return send_refusal(shell, STATUS_REFUSED,
                                    "refused: the command cannot be recorded, so it does not run: %s", why.text);
        if (shell->decision->verdict == VERDICT_ALLOW) {
                r = kaudit_confirm(&session->kaudit);
                if (r < 0)
                        return refuse_unaudited(session, shell, r);
        }
        count(session, shell);
        return send_decided(session, shell, &run);
}
