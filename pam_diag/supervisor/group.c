#include "pam_diag/supervisor/group.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/wire/pack.h"

/* A killed process leaves its group when it is reaped. */
enum { TRIES = 250, TRY_MS = 20 };

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

int group_enter(const struct session *session, pid_t pid)
{
        char text[16];
        int n;

        if (session->group == NULL)
                return 0;
        n = snprintf(text, sizeof(text), "%d", pid);
        return write(session->group_procs, text, (size_t)n) == n ? 0 : -errno;
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
        if (kill >= 0)
                (void)fd_write_all(kill, "1", 1);
}

void group_remove(struct session *session)
{
        session->group_procs = fd_close(session->group_procs);
        for (unsigned i = 0; session->group != NULL && i < TRIES; i++) {
                if (rmdir(session->group) == 0 || errno != EBUSY)
                        break;
                (void)poll(NULL, 0, TRY_MS);
        }
        free(session->group);
        session->group = NULL;
}
