#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/probe/finding.h"
#include "pam_diag/probe/stage.h"

/* The grant itself was refused: no errno that a connect must get. */
enum { NO_SOCKET = -ENOTSOCK };

static int bind_tcp(void)
{
        struct sockaddr_in at = { .sin_family = AF_INET };
        cleanup_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0)
                return NO_SOCKET;
        return bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -errno : 0;
}

static int set_free(void)
{
        cleanup_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return NO_SOCKET;
        return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0) < 0 ? -errno : 0;
}

static int connect_abstract(const char *name)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        size_t length = strlen(name);
        cleanup_fd int fd = -1;

        if (length >= sizeof(to.sun_path) - 1)
                return -EINVAL;
        memcpy(to.sun_path + 1, name, length);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return NO_SOCKET;
        return connect(fd, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) < 0
                       ? -errno
                       : 0;
}

void granted_probe(const char *name)
{
        (void)finding_expect(
                connect_abstract(name), EPERM, FINDING_ABSTRACT,
                "an abstract unix socket of a process outside, to a command with a grant for unix sockets,");
        (void)finding_expect(bind_tcp(), EACCES, FINDING_LANDLOCK_NET,
                             "a TCP port of its own, to a command with a grant for the loopback interface,");
        (void)finding_expect(set_free(), EPERM, FINDING_LOOPBACK,
                             "any other interface, to a TCP socket of such a command,");
}
