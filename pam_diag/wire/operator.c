#include "pam_diag/wire/operator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLERS_WAITING = 8, TRIES = 8 };

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

static bool is_session(const char *name)
{
        return strlen(name) == OPERATOR_SESSION_LENGTH && strspn(name, "0123456789abcdef") == OPERATOR_SESSION_LENGTH;
}

static int make_socket(int type)
{
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : fd;
}

static int listen_at(int directory, const char *name, int *ret_socket)
{
        cleanup_fd int fd = make_socket(SOCK_SEQPACKET);
        struct sockaddr_un address;
        int on = 1;
        int r = fd < 0 ? fd : name_socket(directory, name, &address);

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

/* bind(2) makes the name before the socket has it: a name that is looked at then seems to be nobody's. So the session's own name comes
 * by rename(2), whole; and a draft that was removed meanwhile for what it seemed to be is made once more. */
int operator_listen(int directory, const char *session, int *ret_socket)
{
        char draft[1 + OPERATOR_SESSION_LENGTH + 1];
        int r = -ENOENT;

        if (!is_session(session))
                return -EINVAL;
        (void)snprintf(draft, sizeof(draft), ".%s", session);
        for (int try = 0; r == -ENOENT && try < TRIES; try++) {
                cleanup_fd int fd = -1;

                r = listen_at(directory, draft, &fd);
                if (r == 0 && renameat2(directory, draft, directory, session, RENAME_NOREPLACE) < 0)
                        r = -errno;
                if (r == 0)
                        *ret_socket = take_fd(&fd);
                else
                        (void)unlinkat(directory, draft, 0);
        }
        return r;
}

void operator_unlisten(int directory, const char *session)
{
        if (directory >= 0)
                (void)unlinkat(directory, session, 0);
}

/* A socket of another type is not let in, and whoever listens does not notice: the kernel says only whether somebody has the name. */
bool operator_is_stale(int directory, const char *name)
{
        cleanup_fd int fd = -1;
        struct sockaddr_un address;
        struct stat info;

        if (!is_session(name + (name[0] == '.')) || fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISSOCK(info.st_mode) || name_socket(directory, name, &address) < 0)
                return false;
        fd = make_socket(SOCK_DGRAM);
        return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED;
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

/* Where many wait already, connect(2) would, too: for as long as the listener is stopped. */
static int connect_now(int fd, const struct sockaddr_un *address)
{
        if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ||
            fcntl(fd, F_SETFL, 0) < 0)
                return -errno;
        return 0;
}

int operator_connect(const char *directory, const char *session, uid_t owner, int *ret_socket)
{
        cleanup_fd int place = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        cleanup_fd int fd = place < 0 ? -errno : make_socket(SOCK_SEQPACKET);
        struct sockaddr_un address;
        struct ucred peer = { .uid = (uid_t)-1 };
        int r = fd < 0 ? fd : name_socket(place, session, &address);

        if (r == 0)
                r = connect_now(fd, &address);
        if (r == 0)
                r = peer_of(fd, &peer); /* of the listener: who it was when it called listen(2) */
        if (r == 0 && peer.uid != owner && peer.uid != 0)
                r = -EPERM;
        if (r == 0)
                *ret_socket = take_fd(&fd);
        return r;
}
