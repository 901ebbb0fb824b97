/* Sockets. */
#include "tests/confine/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "pam_diag/probe/stage.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* arguments: family, type, protocol as numbers. */
static int try_socket(char **arguments)
{
        uint64_t numbers[3];

        for (size_t i = 0; i < 3; i++)
                if (num_parse_u64(arguments[i], 0, 1024, &numbers[i]) < 0)
                        exit(2);
        return socket((int)numbers[0], (int)numbers[1], (int)numbers[2]) < 0 ? -errno : 0;
}

static struct sockaddr_in loopback(const char *port)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port_of(port)) };

        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return to;
}

static int connect_by(int type, int protocol, const char *port)
{
        struct sockaddr_in to = loopback(port);
        int fd = socket(AF_INET, type | SOCK_CLOEXEC, protocol);

        if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
                return -errno;
        return write(fd, "probe\n", 6) < 0 ? -errno : 0;
}

static int try_tcp(char **arguments)
{
        return connect_by(SOCK_STREAM, 0, arguments[0]);
}

/* Waits two seconds at most for an answer. */
static int connect_soon(int fd, const char *address, const char *port)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port_of(port)) };
        struct pollfd wait = { .fd = fd, .events = POLLOUT };
        int error = 0;
        socklen_t size = sizeof(error);

        if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
                exit(2);
        if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
                if (errno != EINPROGRESS)
                        return -errno;
                if (poll(&wait, 1, 2000) != 1)
                        return -ETIMEDOUT;
                if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0)
                        return error != 0 ? -error : -errno;
        }
        return write(fd, "probe\n", 6) < 0 ? -errno : 0;
}

/* arguments: address, port. */
static int try_tcp_to(char **arguments)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : connect_soon(fd, arguments[0], arguments[1]);
}

/* arguments: address, port, an interface's name and number: the same after every way to be bound to another interface, or to none. 0 when one of them or the connection
 * went well. */
static int try_tcp_unbound(char **arguments)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int index = (int)port_of(arguments[3]);
        unsigned unicast = htonl((unsigned)index);
        int none = 0;

        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0) == 0 ||
            setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, arguments[2], (socklen_t)strlen(arguments[2])) == 0 ||
            setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &none, sizeof(none)) == 0 ||
            setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index)) == 0 ||
            setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, &unicast, sizeof(unicast)) == 0 ||
            setsockopt(fd, SOL_SOCKET, SO_MARK, &index, sizeof(index)) == 0)
                return 0;
        return connect_soon(fd, arguments[0], arguments[1]);
}

/* arguments: port. */
static int try_tcp_bind(char **arguments)
{
        struct sockaddr_in at = loopback(arguments[0]);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        return fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -errno : 0;
}

/* Without a bind before, the kernel chooses a port, which Landlock does not look at. */
static int try_tcp_listen(char **arguments)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)arguments;
        return fd < 0 || listen(fd, 1) < 0 ? -errno : 0;
}

/* arguments: a name of letters: a server that any process of the host can reach, no path needed. */
static int try_unix_listen(char **arguments)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "%s", arguments[0]);
        return fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 1) < 0 ? -errno : 0;
}

static int try_mptcp(char **arguments)
{
        return connect_by(SOCK_STREAM, IPPROTO_MPTCP, arguments[0]);
}

static int try_udp(char **arguments)
{
        return connect_by(SOCK_DGRAM, 0, arguments[0]);
}

static int try_fast_open(char **arguments)
{
        struct sockaddr_in to = loopback(arguments[0]);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || sendto(fd, "probe\n", 6, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)) < 0)
                return -errno;
        return 0;
}

static int try_unix(char **arguments)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", arguments[0]);
        return fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* arguments: path, text: one datagram, as syslog(3) sends it to /dev/log. */
static int try_datagram(char **arguments)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        size_t size = strlen(arguments[1]);

        (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", arguments[0]);
        return fd < 0 || sendto(fd, arguments[1], size, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* The C library asks the kernel for names of interfaces by any socket that it can have. */
static int try_interface(char **arguments)
{
        char name[IF_NAMESIZE];

        (void)arguments;
        return if_indextoname(1, name) == NULL ? -errno : 0;
}

/* arguments: path, name, text: a line of journald's own stream protocol, as systemd-cat writes it. */
static int try_journal_stream(char **arguments)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", arguments[0]);
        if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
                return -errno;
        return dprintf(fd, "%s\n\n6\n0\n1\n0\n0\n%s\n", arguments[1], arguments[2]) < 0 ? -errno : 0;
}

static int try_pair(char **arguments)
{
        int ends[2];

        (void)arguments;
        return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
}

static int try_orphan_socket(char **arguments)
{
        (void)arguments;
        return stage_orphan_socket();
}

const struct attempt probe_net[] = {
        { "socket", 3, try_socket },
        { "tcp", 1, try_tcp },
        { "tcp-to", 2, try_tcp_to },
        { "tcp-unbound", 4, try_tcp_unbound },
        { "tcp-bind", 1, try_tcp_bind },
        { "tcp-listen", 0, try_tcp_listen },
        { "unix-listen", 1, try_unix_listen },
        { "mptcp", 1, try_mptcp },
        { "udp", 1, try_udp },
        { "fast-open", 1, try_fast_open },
        { "unix", 1, try_unix },
        { "datagram", 2, try_datagram },
        { "interface", 0, try_interface },
        { "journal-stream", 3, try_journal_stream },
        { "orphan-socket", 0, try_orphan_socket },
        { "pair", 0, try_pair },
        { NULL, 0, NULL },
};
