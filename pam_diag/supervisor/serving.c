#include "pam_diag/supervisor/serving.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/supervisor/door.h"
#include "pam_diag/supervisor/group.h"
#include "pam_diag/supervisor/notify.h"
#include "pam_diag/supervisor/record.h"
#include "pam_diag/supervisor/shells.h"
#include "pam_diag/wire/message.h"

enum { SLOT_CONTROL, SLOT_MONITOR, SLOT_LISTENER, SLOT_MOUNTS, SLOT_DOOR, SLOT_CALLER, SLOT_SHELLS };
/* How long the end of a session is tried to be recorded, on top of what a writer waits each time. */
enum { LATE_MS = 10 * 60 * 1000, LATE_STEP_MS = 500 };

struct polls {
        struct pollfd *fds;
        size_t count;
};

static int polls_fill(const struct session *session, struct polls *polls)
{
        size_t count = SLOT_SHELLS;
        struct pollfd *fds;

        for (const struct shell *shell = session->shells; shell != NULL; shell = shell->next)
                count++;
        fds = reallocarray(polls->fds, count, sizeof(*fds));
        if (fds == NULL)
                return -ENOMEM;
        polls->fds = fds;
        polls->count = count;
        /* Once the session ends, what has ended it stays readable for ever and is left out. */
        fds[SLOT_CONTROL] = (struct pollfd){ .fd = session->control, .events = POLLIN };
        fds[SLOT_MONITOR] = (struct pollfd){ .fd = session->monitor_gone ? -1 : session->pidfd, .events = POLLIN };
        fds[SLOT_LISTENER] = (struct pollfd){ .fd = session->listener, .events = POLLIN };
        fds[SLOT_MOUNTS] = (struct pollfd){ .fd = session->ending == NULL ? session->mounts : -1, .events = POLLPRI };
        fds[SLOT_DOOR] = (struct pollfd){ .fd = session->door, .events = POLLIN };
        fds[SLOT_CALLER] = (struct pollfd){ .fd = session->caller, .events = POLLIN };
        count = SLOT_SHELLS;
        for (const struct shell *shell = session->shells; shell != NULL; shell = shell->next)
                fds[count++] = (struct pollfd){ .fd = shell->channel, .events = POLLIN };
        return 0;
}

/* sshd's unprivileged child has the descriptor too: its messages carry its own pid and are thrown away. */
static void serve_control(struct session *session)
{
        cleanup_message struct message message = MESSAGE_INIT;
        int r = message_receive(session->control, 0, &message);

        if (r == -EAGAIN || r == -EBADMSG)
                return;
        if (r == 0 && message.type == CONTROL_ASK_CLOSE && message.uid == 0 && message.pid == session->monitor) {
                session->close_asked = true;
                session_end(session, "closed");
        } else if (r < 0) {
                /* Nobody holds the other end any more; the monitor's pidfd tells when it is gone. */
                session->control = fd_close(session->control);
        }
}

static void serve_listener(struct session *session, short events)
{
        if ((events & POLLIN) != 0) {
                notify_serve(session);
        } else if ((events & (POLLHUP | POLLERR)) != 0) {
                session->listener = fd_close(session->listener);
                session_end(session, "hang-up");
        }
}

static int wait_once(struct session *session, struct polls *polls)
{
        int64_t left = session->ending == NULL ? -1 : session->deadline_ms - clock_monotonic_ms();
        int r = polls_fill(session, polls);

        if (r < 0)
                return r;
        if (poll(polls->fds, polls->count, session->ending != NULL && left < 0 ? 0 : (int)left) < 0)
                return errno == EINTR ? 0 : -errno;
        if (polls->fds[SLOT_MONITOR].revents != 0) {
                session->monitor_gone = true;
                session_end(session, "monitor-gone");
        }
        if (polls->fds[SLOT_MOUNTS].revents != 0)
                session_mounts_changed(session);
        if (polls->fds[SLOT_CONTROL].revents != 0)
                serve_control(session);
        if (polls->fds[SLOT_CALLER].revents != 0)
                door_serve(session);
        if (polls->fds[SLOT_DOOR].revents != 0)
                door_accept(session);
        shells_serve(session);
        if (polls->fds[SLOT_LISTENER].revents != 0)
                serve_listener(session, polls->fds[SLOT_LISTENER].revents);
        return 0;
}

/* A session that was killed is over when its sshd is, too: that asks for the close, or is gone. */
static bool is_settled(const struct session *session)
{
        return !shells_running(session) && (!session->killed || session->close_asked || session->monitor_gone);
}

/* It is over when every command's end is on record, or when the shells have had their time. */
static bool is_over(const struct session *session)
{
        return session->ending != NULL && (is_settled(session) || clock_monotonic_ms() >= session->deadline_ms);
}

/* Nothing runs after the close record, but the monitor still ends its own affairs: libpam tells the kernel's audit of the session's end
 * over a socket, and a failure there would be one of pam_close_session. Until the monitor is gone it is answered as before. */
static void serve_rest(struct session *session)
{
        session->control = fd_close(session->control);
        for (;;) {
                struct pollfd fds[] = { { .fd = session->listener, .events = POLLIN },
                                        { .fd = session->pidfd, .events = POLLIN } };
                struct notification notification;

                if (poll(fds, 2, -1) < 0) {
                        if (errno == EINTR)
                                continue;
                        return;
                }
                if (fds[1].revents != 0 || (fds[0].revents & POLLIN) == 0)
                        return;
                if (listener_receive(session->listener, &notification) < 0)
                        continue;
                if (notification.call == LISTENER_SOCKET)
                        network_answer(session, &notification);
                else
                        (void)listener_refuse(session->listener, notification.id, EACCES);
        }
}

/* A database that is locked or full now may be there again soon, and nothing waits for this process any more: libpam is told by the end of
 * the control connection, and everything of the session but its last record is given back. */
static int record_close_late(struct session *session, int r, struct auditdb_why *ret_why)
{
        int64_t until = clock_monotonic_ms() + LATE_MS;

        session_shed(session);
        while ((r == -EBUSY || r == -ENOSPC) && clock_monotonic_ms() < until) {
                (void)poll(NULL, 0, LATE_STEP_MS);
                r = record_close(session, ret_why);
        }
        return r;
}

int serving_run(struct session *session)
{
        struct polls polls = { 0 };
        struct auditdb_why why;
        int r = 0;

        while (r == 0 && !is_over(session))
                r = wait_once(session, &polls);
        free(polls.fds);
        session_end(session, "failed");
        shells_abandon(session);
        /* What has hidden from its diag-shell, or outlived it, is in the group all the same. */
        group_kill(session);
        session->ended_us = clock_monotonic_us();
        r = record_close(session, &why);
        if (r < 0)
                return record_close_late(session, r, &why);
        door_tell_closed(session);
        if (session->close_asked && message_send_plain(session->control, CONTROL_ANSWER_CLOSED) == 0)
                serve_rest(session);
        /* From here on nobody answers notifications: the kernel fails each of them with ENOSYS, which refuses too. */
        return r;
}
