#include "pam_diag/shell/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

int relay_unblock(int fd)
{
        int flags = fcntl(fd, F_GETFL);

        return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

void relay_wait(const struct relay *relay, struct pollfd slots[2])
{
        slots[0] = (struct pollfd){ .fd = relay->left == 0 ? relay->from : -1, .events = POLLIN };
        /* Without events poll still reports errors and hang-ups of the sink: a client that vanished. */
        slots[1] = (struct pollfd){ .fd = relay->broken ? -1 : relay->to, .events = relay->left > 0 ? POLLOUT : 0 };
}

static void fill(struct relay *relay, uint64_t most)
{
        size_t room = most < RELAY_SIZE ? (size_t)most : RELAY_SIZE;
        ssize_t n = read(relay->from, relay->data, room);

        if (n > 0) {
                relay->at = 0;
                relay->left = (size_t)n;
                relay->bytes += (uint64_t)n;
        } else if (n == 0 || errno != EINTR) {
                relay->from = fd_close(relay->from);
        }
}

static void drain(struct relay *relay)
{
        ssize_t n = write(relay->to, relay->data + relay->at, relay->left);

        if (n >= 0) {
                relay->at += (size_t)n;
                relay->left -= (size_t)n;
        } else if (errno != EINTR && errno != EAGAIN) {
                relay->broken = true;
        }
}

void relay_move(struct relay *relay, const struct pollfd slots[2], uint64_t most)
{
        if (slots[0].revents != 0 && relay->left == 0 && most > 0)
                fill(relay, most);
        if (relay->left > 0 && !relay->broken)
                drain(relay);
        if ((slots[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
                relay->broken = true;
}

bool relay_is_done(const struct relay *relay)
{
        return relay->broken || (relay->from < 0 && relay->left == 0);
}
