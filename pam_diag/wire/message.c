#include "pam_diag/wire/message.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "pam_diag/base/clock.h"

union control {
        char room[CMSG_SPACE(MESSAGE_FDS_MOST * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
};

void message_free(struct message *message)
{
        free(message->body);
        for (size_t i = 0; i < MESSAGE_FDS_MOST; i++)
                message->fds[i] = fd_close(message->fds[i]);
        *message = MESSAGE_INIT;
}

int message_ask_credentials(int socket)
{
        int on = 1;

        return setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ? -errno : 0;
}

int message_pair(int *ret_plain, int *ret_credentials)
{
        int ends[2];
        int r;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        r = message_ask_credentials(ends[1]);
        if (r < 0) {
                fd_close(ends[0]);
                fd_close(ends[1]);
                return r;
        }
        *ret_plain = ends[0];
        *ret_credentials = ends[1];
        return 0;
}

static void attach_fd(struct msghdr *header, union control *control, int fd)
{
        struct cmsghdr *part;

        header->msg_control = control->room;
        header->msg_controllen = CMSG_SPACE(sizeof(int));
        part = CMSG_FIRSTHDR(header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(part), &fd, sizeof(fd));
}

int message_send(int socket, uint32_t type, const struct buf *body, int fd)
{
        struct iovec parts[2] = { { .iov_base = &type, .iov_len = sizeof(type) } };
        struct msghdr header = { .msg_iov = parts, .msg_iovlen = 1 };
        union control control = { 0 };

        if (body != NULL && (body->error != 0 || body->length > MESSAGE_BODY_MOST))
                return -EMSGSIZE;
        if (body != NULL && body->length > 0) {
                parts[1] = (struct iovec){ .iov_base = body->data, .iov_len = body->length };
                header.msg_iovlen = 2;
        }
        if (fd >= 0)
                attach_fd(&header, &control, fd);
        for (;;) {
                if (sendmsg(socket, &header, MSG_NOSIGNAL) >= 0)
                        return 0;
                if (errno != EINTR)
                        return -errno;
        }
}

int message_send_plain(int socket, uint32_t type)
{
        return message_send(socket, type, NULL, -1);
}

static int take_control(struct msghdr *header, struct message *message)
{
        int r = 0;

        for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL; part = CMSG_NXTHDR(header, part)) {
                size_t bytes = part->cmsg_len - CMSG_LEN(0);

                if (part->cmsg_level != SOL_SOCKET)
                        continue;
                if (part->cmsg_type == SCM_CREDENTIALS && bytes == sizeof(struct ucred)) {
                        struct ucred who;

                        memcpy(&who, CMSG_DATA(part), sizeof(who));
                        message->pid = who.pid;
                        message->uid = who.uid;
                }
                for (size_t i = 0; part->cmsg_type == SCM_RIGHTS && i < bytes / sizeof(int); i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
                        if (i < MESSAGE_FDS_MOST && message->fds[i] < 0) {
                                message->fds[i] = fd;
                        } else {
                                fd_close(fd);
                                r = -EBADMSG;
                        }
                }
        }
        return (header->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ? -EBADMSG : r;
}

/* A peer that closes while it has something unread leaves ECONNRESET behind, before what it had sent itself: the error is told
 * once, and the last words come after it. */
static ssize_t peek_length(int socket)
{
        ssize_t n = recv(socket, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

        if (n < 0 && errno == ECONNRESET)
                n = recv(socket, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
        return n;
}

/* MSG_PEEK|MSG_TRUNC tells the length of the waiting message without taking it: the body is allocated to size. */
static int receive_now(int socket, struct message *message)
{
        struct iovec parts[2] = { { .iov_base = &message->type, .iov_len = sizeof(message->type) } };
        struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };
        union control control = { 0 };
        ssize_t n;

        n = peek_length(socket);
        if (n < 0)
                return -errno;
        if ((size_t)n < sizeof(message->type) || (size_t)n > sizeof(message->type) + MESSAGE_BODY_MOST)
                n = sizeof(message->type); /* taken and thrown away below: it counts as cut */
        message->length = (size_t)n - sizeof(message->type);
        message->body = malloc(message->length + 1);
        if (message->body == NULL)
                return -ENOMEM;
        parts[1] = (struct iovec){ .iov_base = message->body, .iov_len = message->length };
        header.msg_control = control.room;
        header.msg_controllen = sizeof(control.room);
        n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n < 0 && errno == ECONNRESET) /* the peer has gone since then */
                n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        if ((size_t)n != sizeof(message->type) + message->length) {
                /* An empty packet reads like the end, but comes with its sender's credentials or with descriptors. */
                bool ended = n == 0 && header.msg_controllen == 0;

                (void)take_control(&header, message);
                return ended ? -ECONNRESET : -EBADMSG;
        }
        message->body[message->length] = '\0';
        return take_control(&header, message);
}

int message_receive(int socket, int timeout_ms, struct message *ret_message)
{
        int64_t end = clock_monotonic_ms() + timeout_ms;

        for (;;) {
                struct pollfd wait = { .fd = socket, .events = POLLIN };
                cleanup_message struct message message = MESSAGE_INIT;
                int64_t left = timeout_ms < 0 ? -1 : end - clock_monotonic_ms();
                int r;

                r = receive_now(socket, &message);
                if (r == 0) {
                        *ret_message = message;
                        message = MESSAGE_INIT;
                        return 0;
                }
                if (r != -EAGAIN && r != -EINTR)
                        return r;
                if (timeout_ms == 0)
                        return -EAGAIN;
                if (timeout_ms > 0 && left <= 0)
                        return -ETIMEDOUT;
                if (poll(&wait, 1, (int)left) < 0 && errno != EINTR)
                        return -errno;
        }
}
