#include "pam_diag/wire/operator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLERS_WAITING = 8 };

int operator_directory_make(const char *path, uid_t owner, int *ret_directory)
{
        cleanup_fd int directory = -1;

        if (mkdir(path, 0700) < 0 && errno != EEXIST)
                return -errno;
        directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (directory < 0 || fchown(directory, owner, (gid_t)-1) < 0 || fchmod(directory, 0700) < 0)
                return -errno;
        *ret_directory = take_fd(&directory);
        return 0;
}

/* By its descriptor: a path may be too long for an address (unix(7)). */
static int name_socket(int directory, const char *session, struct sockaddr_un *ret_address)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int n = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory, session);

        if (n < 0 || (size_t)n >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        *ret_address = address;
        return 0;
}

static int make_socket(void)
{
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : fd;
}

int operator_listen(int directory, const char *session, int *ret_socket)
{
        cleanup_fd int fd = make_socket();
        struct sockaddr_un address;
        int on = 1;
        int r = fd < 0 ? fd : name_socket(directory, session, &address);

        if (r < 0)
                return r;
        /* Callers' sockets inherit it. Set on each of them, after accept(2), it would miss a message that was sent just before. */
        if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, CALLERS_WAITING) < 0 ||
            fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        *ret_socket = take_fd(&fd);
        return 0;
}

void operator_unlisten(int directory, const char *session)
{
        if (directory >= 0)
                (void)unlinkat(directory, session, 0);
}

static int peer_of(int fd, struct ucred *ret_peer)
{
        socklen_t size = sizeof(*ret_peer);

        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &size) < 0 ? -errno : 0;
}

int operator_accept(int socket, int *ret_caller)
{
        cleanup_fd int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
        struct ucred peer = { .uid = (uid_t)-1 };
        int r = fd < 0 ? -errno : peer_of(fd, &peer);

        if (r < 0)
                return r;
        if (peer.uid != 0)
                return -EPERM;
        *ret_caller = take_fd(&fd);
        return 0;
}

int operator_connect(const char *directory, const char *session, uid_t owner, int *ret_socket)
{
        cleanup_fd int place = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        cleanup_fd int fd = place < 0 ? -errno : make_socket();
        struct sockaddr_un address;
        struct ucred peer = { .uid = (uid_t)-1 };
        int r = fd < 0 ? fd : name_socket(place, session, &address);

        if (r < 0)
                return r;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        r = peer_of(fd, &peer); /* of the listener: who it was when it called listen(2) */
        if (r == 0 && peer.uid != owner && peer.uid != 0)
                r = -EPERM;
        if (r == 0)
                *ret_socket = take_fd(&fd);
        return r;
}
