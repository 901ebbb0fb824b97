#include "pam_diag/confine/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

static enum listener_call call_of(int number)
{
        switch (number) {
        case SYS_execve:
                return LISTENER_EXECVE;
        case SYS_execveat:
                return LISTENER_EXECVEAT;
        case SYS_socket:
                return LISTENER_SOCKET;
        default:
                return LISTENER_OTHER;
        }
}

int listener_receive(int listener, struct notification *ret_notification)
{
        /* The kernel may know a longer structure; it fills no more than its own and refuses one that is not zero. */
        union {
                struct seccomp_notif notification;
                char room[1024];
        } from = { 0 };
        const struct seccomp_notif *got = &from.notification;

        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &from) < 0)
                return errno == ENOENT || errno == EINTR ? -EAGAIN : -errno;
        *ret_notification = (struct notification){
                .id = got->id,
                .pid = (pid_t)got->pid,
                .call = call_of(got->data.nr),
        };
        memcpy(ret_notification->arguments, got->data.args, sizeof(ret_notification->arguments));
        return 0;
}

bool listener_is_valid(int listener, uint64_t id)
{
        return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static int respond(int listener, uint64_t id, int error, uint32_t flags)
{
        struct seccomp_notif_resp response = { .id = id, .error = -error, .flags = flags };

        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0)
                return -errno;
        return 0;
}

int listener_continue(int listener, uint64_t id)
{
        return respond(listener, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int listener_refuse(int listener, uint64_t id, int error)
{
        return respond(listener, id, error, 0);
}

int listener_inject(int listener, uint64_t id, int fd, int at)
{
        struct seccomp_notif_addfd add = {
                .id = id,
                .flags = SECCOMP_ADDFD_FLAG_SETFD,
                .srcfd = (uint32_t)fd,
                .newfd = (uint32_t)at,
        };

        return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 ? -errno : 0;
}

int listener_give(int listener, uint64_t id, int fd, bool close_on_exec)
{
        struct seccomp_notif_addfd add = {
                .id = id,
                .flags = SECCOMP_ADDFD_FLAG_SEND,
                .srcfd = (uint32_t)fd,
                .newfd_flags = close_on_exec ? O_CLOEXEC : 0,
        };

        return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 ? -errno : 0;
}
