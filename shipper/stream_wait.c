#include "shipper/stream_wait.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"

int stream_fail(struct stream_why *ret_why, int error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(ret_why->text, sizeof(ret_why->text), format, arguments);
        va_end(arguments);
        return -error;
}

int stream_wait(int fd, short events, int64_t until)
{
        struct pollfd one = { .fd = fd, .events = events };

        for (;;) {
                int64_t left = until - clock_monotonic_ms();
                int n = poll(&one, 1, left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);

                if (n > 0)
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0 && left <= 0)
                        return -ETIMEDOUT;
        }
}

/* connect(2) of a socket that does not block: writable once it is decided, and SO_ERROR says how. A unix socket is decided at once, or
 * EAGAIN says that the listener's queue is full. */
static int finish_connect(int fd, const struct sockaddr *address, socklen_t length, int64_t until)
{
        int error = 0;
        socklen_t size = sizeof(error);
        int r;

        if (connect(fd, address, length) == 0)
                return 0;
        if (errno != EINPROGRESS && errno != EINTR)
                return -errno;
        r = stream_wait(fd, POLLOUT, until);
        if (r < 0)
                return r;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
                return -errno;
        return -error;
}

static int connect_address(const struct addrinfo *address, int64_t until, int *ret_fd)
{
        cleanup_fd int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                   address->ai_protocol);
        const int on = 1;
        int r;

        if (fd < 0)
                return -errno;
        /* Requests are written whole: waiting for more to join them would only delay the answer. */
        if (address->ai_socktype == SOCK_STREAM)
                (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        r = finish_connect(fd, address->ai_addr, address->ai_addrlen, until);
        if (r == 0)
                *ret_fd = take_fd(&fd);
        return r;
}

static size_t count_addresses(const struct addrinfo *addresses)
{
        size_t n = 0;

        for (; addresses != NULL; addresses = addresses->ai_next)
                n++;
        return n;
}

static void freeaddrinfo_at(struct addrinfo **addresses)
{
        if (*addresses != NULL)
                freeaddrinfo(*addresses);
}

static int connect_host(const struct stream_to *to, int64_t until, int *ret_fd, struct stream_why *ret_why)
{
        __attribute__((cleanup(freeaddrinfo_at))) struct addrinfo *addresses = NULL;
        struct addrinfo wanted = { .ai_family = AF_UNSPEC,
                                   .ai_socktype = to->kind == STREAM_UDP ? SOCK_DGRAM : SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV };
        size_t left;
        int r = getaddrinfo(to->host, to->port, &wanted, &addresses);

        if (r != 0)
                return stream_fail(ret_why, EHOSTUNREACH, "cannot look up %s: %s", to->host,
                                   r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
        left = count_addresses(addresses);
        r = -EHOSTUNREACH;
        /* Each gets an equal share of the time that is left, so that a silent first one does not use up the second one's. */
        for (const struct addrinfo *address = addresses; address != NULL; address = address->ai_next, left--) {
                int64_t now = clock_monotonic_ms();

                r = connect_address(address, now + (until - now) / (int64_t)left, ret_fd);
                if (r == 0)
                        return 0;
        }
        return stream_fail(ret_why, -r, "cannot connect: %s", strerror(-r));
}

static int connect_unix(const struct stream_to *to, int64_t until, int *ret_fd, struct stream_why *ret_why)
{
        int type = to->kind == STREAM_UNIX_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        cleanup_fd int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int r;

        if (fd < 0)
                return stream_fail(ret_why, errno, "cannot make a socket: %s", strerror(errno));
        if (strlen(to->path) >= sizeof(address.sun_path))
                return stream_fail(ret_why, ENAMETOOLONG, "the path has more than %zu bytes",
                                   sizeof(address.sun_path) - 1);
        memcpy(address.sun_path, to->path, strlen(to->path) + 1);
        r = finish_connect(fd, (const struct sockaddr *)&address, sizeof(address), until);
        if (r < 0)
                return stream_fail(ret_why, -r, "cannot connect: %s", strerror(-r));
        *ret_fd = take_fd(&fd);
        return 0;
}

int stream_connect(const struct stream_to *to, int64_t until, int *ret_fd, struct stream_why *ret_why)
{
        if (to->kind == STREAM_UNIX || to->kind == STREAM_UNIX_DATAGRAM)
                return connect_unix(to, until, ret_fd, ret_why);
        return connect_host(to, until, ret_fd, ret_why);
}
