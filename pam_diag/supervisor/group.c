#include "pam_diag/supervisor/group.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/confine/cgroup_path.h"
#include "pam_diag/wire/pack.h"

/* A killed process leaves its group when it is reaped. */
enum { TRIES = 250, TRY_MS = 20, TEXT_MOST = 64 * 1024 };

int group_take(struct session *session, const char *data, size_t length, int *fd)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        cleanup_free char *path = unpack_text(&unpack);
        uint32_t limited = unpack_u32(&unpack);

        if (!unpack_done(&unpack) || limited > 1 || path == NULL || *fd < 0 || session->group != NULL)
                return -EBADMSG;
        session->group = take_ptr(&path);
        session->group_procs = take_fd(fd);
        session->group_limited = limited == 1;
        return 0;
}

int group_take_home(struct session *session, size_t length, int *fd)
{
        if (length != 0 || *fd < 0 || session->group == NULL || session->home_procs >= 0)
                return -EBADMSG;
        session->home_procs = take_fd(fd);
        return 0;
}

/* Its name is nobody else's: the path of a process that is in it (cgroups(7), /proc/PID/cgroup) is the end of ours. */
static bool has(const struct session *session, pid_t pid)
{
        cleanup_free char *text = NULL;
        cleanup_free char *path = NULL;
        char file[32];
        size_t length, n;

        (void)snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
        if (fd_read_file(file, TEXT_MOST, &text, &length) < 0 || cgroup_parse(text, &path) < 0)
                return false;
        n = strlen(session->group);
        length = strlen(path);
        return strstr(path, "/pam_diag/") != NULL && length <= n && strcmp(session->group + n - length, path) == 0;
}

static int move(int procs, pid_t pid)
{
        char text[16];
        int n = snprintf(text, sizeof(text), "%d", pid);

        return write(procs, text, (size_t)n) == n ? 0 : -errno;
}

int group_enter(const struct session *session, pid_t pid)
{
        return session->group == NULL || has(session, pid) ? 0 : move(session->group_procs, pid);
}

int group_enter_sshd(struct session *session, pid_t pid)
{
        cleanup_fd int pidfd = -1;
        int r;

        if (session->group == NULL || has(session, pid))
                return 0;
        pidfd = pidfd_open(pid, 0);
        r = pidfd < 0 ? -errno : move(session->group_procs, pid);
        if (r < 0)
                return r;
        fd_close(session->sshd_pidfd);
        session->sshd_pidfd = take_fd(&pidfd);
        session->sshd = pid;
        return 0;
}

/* Safe: the number is that child's as long as it has not been reaped, and is looked at right before; numbers of processes do not come round
 * in that time. Where this fails that child ends with the others, and its client has lost the connection. */
static void leave_sshd(const struct session *session)
{
        struct pollfd ended = { .fd = session->sshd_pidfd, .events = POLLIN };

        if (session->sshd_pidfd >= 0 && poll(&ended, 1, 0) == 0 && has(session, session->sshd))
                (void)move(session->home_procs, session->sshd);
}

void group_kill(const struct session *session)
{
        cleanup_free char *path = NULL;
        cleanup_fd int kill = -1;

        if (session->group == NULL)
                return;
        if (asprintf(&path, "%s/cgroup.kill", session->group) < 0) {
                path = NULL;
                return;
        }
        kill = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        leave_sshd(session);
        if (kill >= 0)
                (void)fd_write_all(kill, "1", 1);
}

void group_remove(struct session *session)
{
        session->group_procs = fd_close(session->group_procs);
        session->home_procs = fd_close(session->home_procs);
        session->sshd_pidfd = fd_close(session->sshd_pidfd);
        for (unsigned i = 0; session->group != NULL && i < TRIES; i++) {
                if (rmdir(session->group) == 0 || errno != EBUSY)
                        break;
                (void)poll(NULL, 0, TRY_MS);
        }
        free(session->group);
        session->group = NULL;
}
