#include "pam_diag/supervisor/session.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/group.h"
#include "pam_diag/supervisor/shells.h"

enum { ENDING_MS = 5000 };

void session_check_mounts(struct session *session)
{
        struct pollfd mounts = { .fd = session->mounts, .events = POLLPRI };

        /* proc(5), /proc/PID/mounts: a change is told once to each open file, by POLLERR and POLLPRI. */
        if (session->mounts >= 0 && poll(&mounts, 1, 0) != 0)
                session_end(session, "mask-lost");
}

bool session_is_live(struct session *session)
{
        struct pollfd monitor = { .fd = session->pidfd, .events = POLLIN };

        session_check_mounts(session);
        return session->ending == NULL && poll(&monitor, 1, 0) == 0;
}

bool session_runs_sshd(struct session *session, pid_t pid)
{
        cleanup_free char *exe = NULL;

        return reader_exe(&session->reader, pid, &exe) == 0 && strcmp(exe, session->monitor_exe) == 0;
}

void session_end(struct session *session, const char *how)
{
        if (session->ending != NULL)
                return;
        session->ending = how;
        session->deadline_ms = clock_monotonic_ms() + ENDING_MS;
        /* Only our direction: the shells still report how their commands ended. */
        for (struct shell *shell = session->shells; shell != NULL; shell = shell->next)
                (void)shutdown(shell->channel, SHUT_WR);
}

void session_clear(struct session *session)
{
        while (session->shells != NULL)
                shells_remove(session, session->shells);
        group_kill(session);
        group_remove(session);
        control_open_free(&session->open);
        authinfo_free(&session->auth);
        free(session->directory);
        session->directory = NULL;
        free(session->stage_filter);
        session->stage_filter = NULL;
        free(session->monitor_exe);
        session->control = fd_close(session->control);
        session->pidfd = fd_close(session->pidfd);
        session->listener = fd_close(session->listener);
        session->mounts = fd_close(session->mounts);
        strv_free(session->masked);
        session->masked = NULL;
        reader_stop(&session->reader);
        strv_free(session->reads);
        session->reads = NULL;
        policy_free(session->policy);
        session->policy = NULL;
        auditdb_free(session->db);
        session->db = NULL;
}
