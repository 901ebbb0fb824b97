#include "pam_diag/module/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/module/apply.h"
#include "pam_diag/module/spawn.h"
#include "pam_diag/wire/message.h"

enum { OPEN_TIMEOUT_MS = 20000, CLOSE_TIMEOUT_MS = 10000 };

struct session {
        int control;
        pid_t monitor; /* who opened it: sshd's children inherit this memory and must not close the session */
};

void session_free(struct session *session)
{
        if (session == NULL)
                return;
        fd_close(session->control);
        free(session);
}

static void session_free_at(struct session **session)
{
        session_free(*session);
}

static int explain(char **ret_why, int error, const char *what, const char *path)
{
        if (asprintf(ret_why, "%s%s%s: %s", what, path != NULL ? ": " : "", path != NULL ? path : "",
                     strerror(-error)) < 0)
                *ret_why = NULL;
        return error;
}

/* A refusal is the supervisor's own text, checked to be one: it goes to the user's terminal. */
static int take_refusal(const struct message *message, char **ret_why)
{
        struct unpack unpack = UNPACK_INIT(message->body, message->length);
        char *text = unpack_text(&unpack);

        if (text == NULL || !unpack_done(&unpack)) {
                free(text);
                return explain(ret_why, -EPROTO, "the supervisor's answer", NULL);
        }
        *ret_why = text;
        return -EPERM;
}

/* Waits for `wanted`, which is the caller's then; lists that come before it are collected. Either may be NULL. */
static int await(int control, uint32_t wanted, struct control_lists *lists, struct message *ret_message,
                 const char *supervisor, char **ret_why)
{
        for (;;) {
                cleanup_message struct message message = MESSAGE_INIT;
                int r = message_receive(control, OPEN_TIMEOUT_MS, &message);

                if (r == -ECONNRESET)
                        return explain(ret_why, r, "the supervisor did not start or ended early", supervisor);
                if (r < 0)
                        return explain(ret_why, r, "no answer from the supervisor", supervisor);
                if (message.type == wanted) {
                        if (ret_message != NULL) {
                                *ret_message = message;
                                message = MESSAGE_INIT;
                        }
                        return 0;
                }
                if (message.type == CONTROL_ANSWER_REFUSED)
                        return take_refusal(&message, ret_why);
                r = message.type == CONTROL_ANSWER_LIST && lists != NULL
                            ? control_list_unpack(message.body, message.length, lists)
                            : -EPROTO;
                if (r < 0)
                        return explain(ret_why, r, "the supervisor's answer", NULL);
        }
}

static int ask_open(int control, const struct control_open *open, char **ret_why)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        int r;

        control_open_pack(open, &body);
        r = message_send(control, CONTROL_ASK_OPEN, &body, -1);
        /* One that has ended already may have left its reason: it is read where the answer is. */
        if (r == -EPIPE || r == -ECONNRESET)
                return 0;
        return r < 0 ? explain(ret_why, r, "the supervisor cannot be asked", NULL) : 0;
}

static int ask_group(int control, const struct cgroup *group, char **ret_why)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        cleanup_buf struct buf nothing = BUF_INIT(MESSAGE_BODY_MOST);
        int r;

        if (group->path == NULL)
                return 0;
        pack_text(&body, group->path);
        pack_u32(&body, group->limited);
        r = message_send(control, CONTROL_ASK_GROUP, &body, group->procs);
        if (r == 0)
                r = message_send(control, CONTROL_ASK_HOME, &nothing, group->home);
        return r < 0 ? explain(ret_why, r, "the control group cannot be handed over", NULL) : 0;
}

static int ask_confined(int control, const struct applied *applied, char **ret_why)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        int r;

        pack_strv(&body, applied->missing);
        pack_u64(&body, applied->masks);
        r = message_send(control, CONTROL_ASK_CONFINED, &body, applied->listener);
        return r < 0 ? explain(ret_why, r, "the listener cannot be handed over", NULL) : 0;
}

/* For the record of the session that does not open. Whether it arrives makes no difference here: the refusal stands. */
static void report_unconfined(int control, const struct applied *applied)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);

        pack_strv(&body, applied->missing);
        (void)message_send(control, CONTROL_REPORT_UNCONFINED, &body, -1);
}

static int confine(int control, struct control_lists *lists, uid_t supervisor, const struct arguments *arguments,
                   char **ret_why)
{
        cleanup_applied struct applied applied = APPLIED_INIT;
        cleanup_apply_failure struct apply_failure failure = { 0 };
        cleanup_message struct message domain = MESSAGE_INIT;
        int r = apply_view(lists, supervisor, &applied, &failure);

        if (r == 0)
                r = await(control, CONTROL_ANSWER_DOMAIN, lists, &domain, arguments->supervisor, ret_why);
        if (r == 0)
                r = apply_bounds(lists, arguments->shell, &domain.fds[0], &applied, &failure);
        if (r < 0) {
                report_unconfined(control, &applied);
                return *ret_why != NULL ? r : explain(ret_why, r, failure.where, failure.path);
        }
        r = ask_group(control, &applied.group, ret_why);
        return r < 0 ? r : ask_confined(control, &applied, ret_why);
}

static int start(const char *supervisor, int *ret_control, char **ret_why)
{
        cleanup_fd int own = -1;
        cleanup_fd int theirs = -1;
        int r;

        if (access(supervisor, X_OK) < 0)
                return explain(ret_why, -errno, "the supervisor cannot be started", supervisor);
        r = message_pair(&own, &theirs);
        if (r == 0)
                r = message_ask_credentials(own);
        if (r == 0)
                r = spawn_supervisor(supervisor, theirs);
        if (r < 0)
                return explain(ret_why, r, "the supervisor cannot be started", supervisor);
        *ret_control = take_fd(&own);
        return 0;
}

int session_open(const struct arguments *arguments, const struct control_open *open, struct session **ret_session,
                 char **ret_why)
{
        __attribute__((cleanup(session_free_at))) struct session *session = malloc(sizeof(*session));
        cleanup_control_lists struct control_lists lists = { 0 };
        cleanup_message struct message ready = MESSAGE_INIT;
        int r;

        if (session == NULL)
                return -ENOMEM;
        *session = (struct session){ .control = -1, .monitor = getpid() };
        r = start(arguments->supervisor, &session->control, ret_why);
        if (r == 0)
                r = ask_open(session->control, open, ret_why);
        if (r == 0)
                r = await(session->control, CONTROL_ANSWER_READY, &lists, &ready, arguments->supervisor, ret_why);
        /* It owns the session's control group: (uid_t)-1 would leave that root's, and root would be one that has kept its privileges. */
        if (r == 0 && (ready.uid == (uid_t)-1 || ready.uid == 0))
                r = explain(ret_why, -EPROTO, "the supervisor's user", NULL);
        if (r == 0)
                r = confine(session->control, &lists, ready.uid, arguments, ret_why);
        if (r == 0)
                r = await(session->control, CONTROL_ANSWER_OPENED, NULL, NULL, arguments->supervisor, ret_why);
        if (r < 0)
                return r;
        *ret_session = take_ptr(&session);
        return 0;
}

int session_close(struct session *session)
{
        int r;

        if (session->monitor != getpid())
                return 0;
        r = message_send_plain(session->control, CONTROL_ASK_CLOSE);
        while (r == 0) {
                cleanup_message struct message message = MESSAGE_INIT;

                r = message_receive(session->control, CLOSE_TIMEOUT_MS, &message);
                if (r == 0 && message.type == CONTROL_ANSWER_CLOSED)
                        return 0;
        }
        return r;
}
