#include "pam_diag/supervisor/kaudit.h"

#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/drop.h"
#include "pam_diag/supervisor/kaudit_side.h"

enum { BEGIN_MS = 5000, CONFIRM_MS = 2000, SETTLE_MS = 100, UNDER_WAY_MOST = 64 };

/* The child keeps root for as long as it takes to open the socket and to drop it, and has read nothing by then. Safe: a socket changes
 * nothing, and the kernel asks for the capability of both, who opened it and who sends. */
static __attribute__((noreturn)) void become_teller(uid_t uid, gid_t gid, int socket)
{
        static const cap_value_t keep[] = { CAP_AUDIT_WRITE, CAP_AUDIT_CONTROL };
        int audit;

        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || dup2(socket, 0) < 0 || close_range(1, ~0U, 0) < 0)
                _exit(1);
        audit = audit_open();
        if (audit < 0)
                audit = -errno;
        if (drop_to(uid, gid, keep, sizeof(keep) / sizeof(keep[0])) < 0)
                _exit(1);
        kaudit_serve(0, audit);
}

int kaudit_start(uid_t uid, gid_t gid, struct kaudit *ret_kaudit)
{
        int ends[2];
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        pid = fork();
        if (pid == 0)
                become_teller(uid, gid, ends[1]);
        fd_close(ends[1]);
        if (pid < 0) {
                int r = -errno;

                fd_close(ends[0]);
                return r;
        }
        *ret_kaudit = (struct kaudit){ .socket = ends[0] };
        return 0;
}

void kaudit_stop(struct kaudit *kaudit)
{
        kaudit->socket = fd_close(kaudit->socket);
}

static uint32_t under_way(const struct kaudit *kaudit)
{
        return kaudit->asked - kaudit->answered;
}

/* Takes the answers that are there. A process that is gone never answers: what it had is lost. */
static void collect(struct kaudit *kaudit)
{
        while (kaudit->socket >= 0 && under_way(kaudit) > 0) {
                struct kaudit_answer answer;
                ssize_t n = recv(kaudit->socket, &answer, sizeof(answer), MSG_DONTWAIT);

                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        return;
                if (n != (ssize_t)sizeof(answer) || answer.id != kaudit->answered + 1) {
                        kaudit->lost += under_way(kaudit);
                        kaudit->answered = kaudit->asked;
                        kaudit->result = -EPIPE;
                        kaudit_stop(kaudit);
                        return;
                }
                kaudit->answered = answer.id;
                kaudit->result = answer.result;
                kaudit->lost += answer.result < 0;
        }
}

/* Until nothing is under way, or the time is over. */
static int wait_answers(struct kaudit *kaudit, int timeout_ms)
{
        int64_t end = clock_monotonic_ms() + timeout_ms;

        for (;;) {
                struct pollfd wait = { .fd = kaudit->socket, .events = POLLIN };
                int64_t left = end - clock_monotonic_ms();

                collect(kaudit);
                if (under_way(kaudit) == 0)
                        return kaudit->result;
                if (left <= 0 || (poll(&wait, 1, (int)left) < 0 && errno != EINTR))
                        return -ETIMEDOUT;
        }
}

static int ask(struct kaudit *kaudit, struct kaudit_request *request, size_t text)
{
        if (kaudit->socket < 0)
                return -EPIPE;
        request->id = kaudit->asked + 1;
        if (send(kaudit->socket, request, offsetof(struct kaudit_request, text) + text + 1,
                 MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
                return -errno;
        kaudit->asked++;
        return 0;
}

int kaudit_begin(struct kaudit *kaudit, enum policy_audit wanted)
{
        struct kaudit_request request = { .operation = KAUDIT_BEGIN };
        int r;

        if (wanted == POLICY_AUDIT_NO) {
                kaudit_stop(kaudit);
                return 0;
        }
        kaudit->required = wanted == POLICY_AUDIT_REQUIRED;
        if (kaudit->required)
                request.operation = KAUDIT_BEGIN_REQUIRED;
        r = ask(kaudit, &request, 0);
        if (r == 0)
                r = wait_answers(kaudit, BEGIN_MS);
        kaudit->lost = 0; /* that was no event */
        if (kaudit->required)
                return r;
        /* audit(7) is compiled out, switched off at boot, or another namespace's. */
        if (r == -ECONNREFUSED || r == -EPROTONOSUPPORT || r == -EAFNOSUPPORT)
                kaudit_stop(kaudit);
        return 0;
}

void kaudit_tell(struct kaudit *kaudit, enum kaudit_type type, bool success, const char *address,
                 const struct buf *text)
{
        struct kaudit_request request = { .operation = KAUDIT_SEND,
                                          .is_exit = type == KAUDIT_EXIT,
                                          .success = success };
        int r = -ENOBUFS;

        if (kaudit->socket < 0 && !kaudit->required && kaudit->asked == kaudit->answered && kaudit->lost == 0)
                return; /* nobody wants to know */
        collect(kaudit);
        if (text->error == 0 && text->length < sizeof(request.text) && under_way(kaudit) < UNDER_WAY_MOST) {
                memcpy(request.text, text->data, text->length + 1);
                (void)snprintf(request.address, sizeof(request.address), "%s", address == NULL ? "?" : address);
                r = ask(kaudit, &request, text->length);
        }
        kaudit->told = r;
        kaudit->lost += r < 0;
}

int kaudit_confirm(struct kaudit *kaudit)
{
        if (!kaudit->required)
                return 0;
        /* What is under way then is an earlier event, whose answer says nothing of this one. */
        return kaudit->told < 0 ? kaudit->told : wait_answers(kaudit, CONFIRM_MS);
}

uint64_t kaudit_settle(struct kaudit *kaudit)
{
        (void)wait_answers(kaudit, SETTLE_MS);
        kaudit->lost += under_way(kaudit);
        kaudit->answered = kaudit->asked;
        return kaudit->lost;
}

const char *kaudit_why(int error)
{
        switch (error) {
        case -ESRCH:
                return "no audit daemon is running; start auditd";
        case -EOPNOTSUPP:
                return "the kernel's audit is switched off; auditctl -e 1";
        case -ECONNREFUSED:
        case -EPROTONOSUPPORT:
        case -EAFNOSUPPORT:
                return "this kernel has no audit, or it belongs to another user namespace";
        case -EPERM:
                return "the kernel's audit cannot be asked, as in a container";
        case -ETIMEDOUT:
                return "the kernel's audit does not answer in time; look whether auditd hangs";
        case -ENOBUFS:
                return "the kernel dropped the message: the queue of its audit is full or its rate limit is reached; "
                       "auditctl -s";
        case -EPIPE:
                return "the process that talks to the kernel's audit is gone";
        default:
                return strerror(-error);
        }
}
