#include "pam_diag/supervisor/shells.h"

#include <errno.h>
#include <stdlib.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/group.h"
#include "pam_diag/supervisor/record.h"
#include "pam_diag/supervisor/run.h"
#include "pam_diag/wire/message.h"

struct shell *shells_add(struct session *session, int channel, pid_t pid)
{
        struct shell *shell = calloc(1, sizeof(*shell));

        if (shell == NULL) {
                fd_close(channel);
                return NULL;
        }
        shell->channel = channel;
        shell->pid = pid;
        shell->place = -1;
        shell->started_us = clock_monotonic_us();
        shell->next = session->shells;
        session->shells = shell;
        return shell;
}

void shells_remove(struct session *session, struct shell *shell)
{
        struct shell **at = &session->shells;

        while (*at != shell)
                at = &(*at)->next;
        *at = shell->next;
        fd_close(shell->channel);
        fd_close(shell->place);
        decision_free(shell->decision);
        free(shell);
}

static int take_stage(struct session *session, struct shell *shell, const struct message *message)
{
        struct unpack unpack = UNPACK_INIT(message->body, message->length);
        uint32_t stage = unpack_u32(&unpack);

        /* The kernel vouches for the sender's pid: only that process may use the grant. */
        if (!unpack_done(&unpack) || !shell->running || stage >= shell->decision->stage_count ||
            shell->grants[stage].pid != 0 || message->uid != session->open.uid)
                return -EPROTO;
        shell->grants[stage].pid = message->pid;
        return 0;
}

static int take_end(struct session *session, struct shell *shell, const struct message *message)
{
        cleanup_buf struct buf body = BUF_INIT(sizeof(uint32_t));
        struct auditdb_why why;
        struct channel_end end;
        int r;

        if (!shell->running || channel_end_unpack(message->body, message->length, &end) < 0)
                return -EPROTO;
        r = record_exit(session, shell, &end, &why);
        shell->running = false;
        shell->place = fd_close(shell->place);
        pack_u32(&body, r == 0);
        /* A shell whose session has ended does not wait for this answer. */
        (void)message_send(shell->channel, CHANNEL_ANSWER_ENDED, &body, -1);
        return 0;
}

static int take_message(struct session *session, struct shell *shell, const struct message *message)
{
        switch (message->type) {
        case CHANNEL_ASK_RUN:
                return run_answer(session, shell, message);
        case CHANNEL_ASK_STAGE:
                return take_stage(session, shell, message);
        case CHANNEL_REPORT_END:
                return take_end(session, shell, message);
        default:
                return -EPROTO;
        }
}

static void lose(struct session *session, struct shell *shell)
{
        bool killed = shell->running;
        struct auditdb_why why;

        /* There is nobody left to tell when this fails; "commands without exit" shows the gap. */
        if (shell->invocation == 0)
                run_record_unasked(session, shell);
        if (shell->running)
                (void)record_exit(session, shell, NULL, &why);
        shells_remove(session, shell);
        /* A diag-shell that was killed could end nothing of what it had started. Other commands of the session would end too. */
        if (killed && session->shells == NULL)
                group_kill(session);
}

void shells_serve(struct session *session)
{
        struct shell *next;

        for (struct shell *shell = session->shells; shell != NULL; shell = next) {
                int r = 0;

                next = shell->next;
                while (r == 0) {
                        cleanup_message struct message message = MESSAGE_INIT;

                        r = message_receive(shell->channel, 0, &message);
                        if (r == 0)
                                r = take_message(session, shell, &message);
                }
                if (r != -EAGAIN)
                        lose(session, shell);
        }
}

bool shells_running(const struct session *session)
{
        for (const struct shell *shell = session->shells; shell != NULL; shell = shell->next)
                if (shell->running)
                        return true;
        return false;
}

void shells_abandon(struct session *session)
{
        while (session->shells != NULL)
                lose(session, session->shells);
}

struct shell *shells_find_stage(struct session *session, pid_t pid, size_t *ret_stage)
{
        for (struct shell *shell = session->shells; shell != NULL; shell = shell->next)
                for (size_t i = 0; i < PLAN_STAGES_MOST; i++)
                        if (shell->running && shell->grants[i].pid == pid) {
                                *ret_stage = i;
                                return shell;
                        }
        return NULL;
}
