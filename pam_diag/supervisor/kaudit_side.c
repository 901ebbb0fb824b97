/* The process that talks to the kernel's audit.
 *
 * Runs as  diag-audit with CAP_AUDIT_WRITE, and CAP_AUDIT_CONTROL for its first question or, where the audit is required, for all; under a
 *          seccomp list.
 * Trusts   the supervisor, whose packets have a fixed form.
 * Never    changes a setting of the audit, parses a text, opens a file, or lives longer than its socket.
 */
#include "pam_diag/supervisor/kaudit_side.h"

#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pam_diag/confine/kaudit_filter.h"
#include "pam_diag/supervisor/drop.h"

enum { STATUS_MS = 1000, REPLIES_MOST = 16 };

/* Is the audit on, and somebody there who writes it down? 0, with the number of messages that the kernel has had to drop so far;
 * -EOPNOTSUPP: switched off, -ESRCH: no daemon, -errno of asking. */
static int look(int audit, uint32_t *ret_dropped)
{
        int r = audit < 0 ? audit : audit_request_status(audit);

        if (r < 0)
                return r;
        for (int i = 0; i < REPLIES_MOST; i++) {
                struct pollfd wait = { .fd = audit, .events = POLLIN };
                struct audit_reply reply;

                if (poll(&wait, 1, STATUS_MS) <= 0)
                        return -ETIMEDOUT;
                r = audit_get_reply(audit, &reply, GET_REPLY_NONBLOCKING, 0);
                if (r > 0 && reply.type == NLMSG_ERROR && reply.error->error != 0)
                        return reply.error->error;
                if (r <= 0 || reply.type != AUDIT_GET)
                        continue;
                *ret_dropped = reply.status->lost;
                return reply.status->enabled == 0 ? -EOPNOTSUPP : reply.status->pid == 0 ? -ESRCH : 0;
        }
        return -ETIMEDOUT;
}

static int send_event(int audit, const struct kaudit_request *request)
{
        int r = audit < 0 ? audit
                          : audit_log_user_message(audit, request->is_exit ? AUDIT_TRUSTED_APP : AUDIT_USER_CMD,
                                                   request->text, NULL, request->address, "ssh", request->success);

        return r > 0 ? 0 : r < 0 ? r : -EIO;
}

/* The kernel acknowledges a message also when it drops it, by its rate limit or because its queue is full. It counts those; if that was
 * somebody else's, this one is refused without need. */
static int send_surely(int audit, const struct kaudit_request *request)
{
        uint32_t before = 0;
        uint32_t after = 0;
        int r = look(audit, &before);

        if (r == 0)
                r = send_event(audit, request);
        if (r == 0)
                r = look(audit, &after);
        return r == 0 && after != before ? -ENOBUFS : r;
}

static int serve_one(int audit, const struct kaudit_request *request, bool *required)
{
        uint32_t dropped = 0;
        int r;

        switch (request->operation) {
        case KAUDIT_BEGIN:
        case KAUDIT_BEGIN_REQUIRED:
                *required = request->operation == KAUDIT_BEGIN_REQUIRED;
                r = look(audit, &dropped);
                /* It cannot be had again: no_new_privs, and no exec in the list of calls. */
                if (!*required && drop_keep(&(cap_value_t){ CAP_AUDIT_WRITE }, 1) < 0)
                        _exit(1);
                return r;
        case KAUDIT_SEND:
                return *required ? send_surely(audit, request) : send_event(audit, request);
        default:
                return -EINVAL;
        }
}

/* -1 at the end. A packet that is cut or has no end is the supervisor's error, and the end, too. */
static int receive(int socket, struct kaudit_request *request)
{
        ssize_t n = recv(socket, request, sizeof(*request), 0);

        return n <= (ssize_t)offsetof(struct kaudit_request, text) || ((const char *)request)[n - 1] != '\0' ||
                               memchr(request->address, '\0', sizeof(request->address)) == NULL
                       ? -1
                       : 0;
}

void kaudit_serve(int socket, int audit)
{
        static struct kaudit_request request;
        bool required = false;

        if (kaudit_filter_install() < 0)
                _exit(1);
        while (receive(socket, &request) == 0) {
                struct kaudit_answer answer = { .id = request.id, .result = serve_one(audit, &request, &required) };

                if (send(socket, &answer, sizeof(answer), MSG_NOSIGNAL) != (ssize_t)sizeof(answer))
                        break;
        }
        _exit(0);
}
