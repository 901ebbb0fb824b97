#include "pam_diag/supervisor/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/supervisor/door.h"
#include "pam_diag/supervisor/group.h"
#include "pam_diag/supervisor/shells.h"

enum { ENDING_MS = 5000 };

/* proc(5), /proc/PID/mountinfo: two ids, then the device. */
static bool is_on_device(const char *line, const char *device)
{
        size_t n = strlen(device);

        for (int i = 0; i < 2; i++) {
                line = strchr(line, ' ');
                if (line == NULL)
                        return false;
                line++;
        }
        return strncmp(line, device, n) == 0 && line[n] == ' ';
}

int session_count_masks(const struct session *session, size_t *ret_count)
{
        cleanup_free char *line = NULL;
        int copy = fcntl(session->mounts, F_DUPFD_CLOEXEC, 0);
        FILE *table = copy < 0 ? NULL : fdopen(copy, "r");
        size_t count = 0;
        size_t size = 0;
        char device[32];
        int r = table == NULL || fseek(table, 0, SEEK_SET) < 0 ? -errno : 0;

        (void)snprintf(device, sizeof(device), "%u:%u", major(session->mask_device), minor(session->mask_device));
        while (r == 0 && getline(&line, &size, table) >= 0)
                count += is_on_device(line, device);
        if (table != NULL) {
                if (r == 0 && ferror(table))
                        r = -EIO;
                (void)fclose(table);
        } else {
                fd_close(copy);
        }
        *ret_count = count;
        return r;
}

/* Nothing is mounted in a session's tree once it is open. What can change is that the kernel takes mounts away whose place was removed on the
 * host: masks, which ends the session, or others, such as the runtime directory of a user who logged out. */
void session_mounts_changed(struct session *session)
{
        size_t count;

        if (session_count_masks(session, &count) < 0 || count < session->mask_count)
                session_end(session, "mask-lost");
}

void session_check_mounts(struct session *session)
{
        struct pollfd mounts = { .fd = session->mounts, .events = POLLPRI };

        /* proc(5), /proc/PID/mounts: a change is told once to each open file, by POLLERR and POLLPRI. */
        if (session->mounts >= 0 && poll(&mounts, 1, 0) != 0)
                session_mounts_changed(session);
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

void session_shed(struct session *session)
{
        while (session->shells != NULL)
                shells_remove(session, session->shells);
        group_kill(session);
        group_remove(session);
        door_close(session);
        session->control = fd_close(session->control);
        session->pidfd = fd_close(session->pidfd);
        session->listener = fd_close(session->listener);
        session->mounts = fd_close(session->mounts);
        reader_stop(&session->reader);
}

void session_clear(struct session *session)
{
        session_shed(session);
        free(session->killer_name);
        session->killer_name = NULL;
        control_open_free(&session->open);
        authinfo_free(&session->auth);
        free(session->directory);
        session->directory = NULL;
        free(session->monitor_exe);
        strv_free(session->masked);
        session->masked = NULL;
        kaudit_stop(&session->kaudit);
        strv_free(session->reads);
        session->reads = NULL;
        policy_free(session->policy);
        session->policy = NULL;
        auditdb_free(session->db);
        session->db = NULL;
}
