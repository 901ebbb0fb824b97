#include "pam_diag/ctl/follow.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

enum { QUIET_MS = 5000, EVENTS_SIZE = 4096 };

int follow_open(const char *db, int *ret_watch)
{
        const char *slash = strrchr(db, '/');
        cleanup_free char *directory = slash == NULL ? strdup(".")
                                                     : strndup(db, slash == db ? 1 : (size_t)(slash - db));
        cleanup_fd int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

        if (directory == NULL)
                return -ENOMEM;
        if (watch < 0 || inotify_add_watch(watch, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0)
                return -errno;
        *ret_watch = take_fd(&watch);
        return 0;
}

/* What has come is taken at once: a burst of commits is one look at the rows. */
static int drain(int watch)
{
        char events[EVENTS_SIZE];

        while (read(watch, events, sizeof(events)) > 0)
                ;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int follow_wait(int watch, int output)
{
        struct pollfd fds[] = { { .fd = watch, .events = POLLIN }, { .fd = output } };
        int n = poll(fds, 2, QUIET_MS);

        if (n < 0)
                return errno == EINTR ? 0 : -errno;
        if ((fds[1].revents & (POLLERR | POLLNVAL)) != 0)
                return -EPIPE;
        return fds[0].revents != 0 ? drain(watch) : 0;
}
