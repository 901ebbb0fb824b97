#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/engine.h"
#include "pam_diag/supervisor/caller.h"
#include "pam_diag/supervisor/notify.h"
#include "pam_diag/supervisor/shells.h"

/* The kernel's own name for it (drivers/net/loopback.c). */
static const char LOOPBACK[] = "lo";

struct find {
        struct session *session;
        unsigned granted; /* NETWORK_* of the stage */
};

static bool is_stage(void *context, pid_t pid)
{
        struct find *find = context;
        size_t stage;
        const struct shell *shell = shells_find_stage(find->session, pid, &stage);

        if (shell != NULL)
                find->granted = shell->decision->stages[stage].network;
        return shell != NULL;
}

/* UDP and ICMP echo only: raw sockets see other programs' traffic. */
static bool is_plain_inet(int type, int protocol)
{
        return type == SOCK_DGRAM &&
               (protocol == 0 || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6);
}

/* MPTCP and SCTP make connections of their own besides the one that is asked for. */
static bool is_tcp(int family, int type, int protocol)
{
        return (family == AF_INET || family == AF_INET6) && type == SOCK_STREAM &&
               (protocol == 0 || protocol == IPPROTO_TCP);
}

/* Where an engine's socket is in sight, a program that was never meant to ask it gets no socket to do so. */
static bool is_unix_granted(const struct session *session, unsigned granted)
{
        bool engine = engine_of(session->policy, session->auth.fingerprint) != NULL;

        return (granted & NETWORK_ENGINE) != 0 || (!engine && (granted & NETWORK_UNIX) != 0);
}

static bool is_granted(const struct session *session, unsigned granted, int family, int type, int protocol)
{
        switch (family) {
        case AF_UNIX:
                return is_unix_granted(session, granted) && type == SOCK_STREAM;
        case AF_INET:
        case AF_INET6:
                return (granted & NETWORK_INET) != 0 && is_plain_inet(type, protocol);
        case AF_NETLINK:
                /* What ip and ss ask. Others are attack surface, or a channel between processes (USERSOCK). */
                return (granted & NETWORK_NETLINK) != 0 &&
                       (protocol == NETLINK_ROUTE || protocol == NETLINK_SOCK_DIAG || protocol == NETLINK_GENERIC);
        default:
                return false;
        }
}

/* A datagram socket sends to any address, to /dev/log lines in anybody's name. AF_UNIX takes SOCK_RAW for SOCK_DGRAM. */
static bool is_unix_datagram(int family, int type)
{
        return family == AF_UNIX && (type == SOCK_DGRAM || type == SOCK_RAW);
}

/* The socket is bound to the loopback interface, so whatever address the stage connects it to, no packet leaves this host: packets for others that go
 * out there come to nothing. Unprivileged processes may bind a socket that is not bound yet and no other (Linux 5.7, sock_bindtoindex): this one
 * may, and the stage cannot undo it. The connect call itself could not be judged here: its address is in memory that a thread can change. */
static int give_loopback(struct session *session, const struct notification *notification)
{
        int flags = (int)notification->arguments[1] & (SOCK_CLOEXEC | SOCK_NONBLOCK);
        cleanup_fd int fd = socket((int)notification->arguments[0],
                                   SOCK_STREAM | SOCK_CLOEXEC | (flags & SOCK_NONBLOCK), IPPROTO_TCP);

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, LOOPBACK, sizeof(LOOPBACK) - 1) < 0)
                return -errno;
        return listener_give(session->listener, notification->id, fd, (flags & SOCK_CLOEXEC) != 0);
}

/* What the C library opens one for is to ask the kernel about interfaces (if_indextoname(3)). A stream socket answers that as well and
 * reaches no datagram socket, so a stage gets one in its place. */
static int give_stream(struct session *session, const struct notification *notification)
{
        int flags = (int)notification->arguments[1] & (SOCK_CLOEXEC | SOCK_NONBLOCK);
        cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (flags & SOCK_NONBLOCK), 0);

        if (fd < 0)
                return -errno;
        return listener_give(session->listener, notification->id, fd, (flags & SOCK_CLOEXEC) != 0);
}

/* Programs that look for a part of the kernel go on without it when it is not there, and give up when it is forbidden (audit, nftables). */
static int refusal_for(int family)
{
        return family == AF_NETLINK ? EPROTONOSUPPORT : EACCES;
}

/* The arguments are registers of a waiting thread: what is judged here is what the kernel will use. */
void network_answer(struct session *session, const struct notification *notification)
{
        int family = (int)notification->arguments[0];
        int type = (int)notification->arguments[1] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
        int protocol = (int)notification->arguments[2];
        struct find find = { .session = session };
        struct caller caller;
        bool allowed;

        if (caller_load(notification->pid, &caller) < 0) {
                (void)listener_refuse(session->listener, notification->id, EACCES);
                return;
        }
        if (caller_is_uid(&caller, 0)) {
                /* sshd's monitor, and its user child until it has dropped to the user. */
                allowed = true;
        } else if (caller_ancestor(&caller, is_stage, &find) != 0) {
                if (session_is_live(session) && is_unix_granted(session, find.granted) &&
                    is_unix_datagram(family, type) && give_stream(session, notification) == 0)
                        return;
                if (session_is_live(session) && (find.granted & NETWORK_LOOPBACK) != 0 &&
                    is_tcp(family, type, protocol) && give_loopback(session, notification) == 0)
                        return;
                allowed = session_is_live(session) && is_granted(session, find.granted, family, type, protocol);
        } else {
                /* sshd's user child: syslog(3) and nothing else. This is what stops forwarding of ports and sockets, for which
                 * sshd execs nothing. A process that left its stage (orphaned, now diag-shell's child) gets nothing at all: it
                 * could write lines of its own making to /dev/log. */
                allowed = family == AF_UNIX && type == SOCK_DGRAM && session_runs_sshd(session, caller.pid);
        }
        if (allowed && listener_is_valid(session->listener, notification->id))
                (void)listener_continue(session->listener, notification->id);
        else
                (void)listener_refuse(session->listener, notification->id, refusal_for(family));
}
