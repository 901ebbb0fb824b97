/* The kernel's audit as a second witness: what this session does is told to it, and with it to auditd's log.
 *
 * Linked by: diag-supervisor.
 *
 * A process of its own holds the netlink socket. A message to the kernel cannot be sent without waiting: where the kernel's queue is full,
 * as when auditd hangs, it puts the sender to sleep inside sendto(2), uninterruptibly, for up to backlog_wait_time (auditctl(8)), also
 * when the socket is a non-blocking one; and libaudit waits for the acknowledgement. So the supervisor
 * hands each message to that process over a socket that it never waits for, a bounded number of them, and counts what did not
 * get through. The supervisor itself has no capability then.
 *
 * Capabilities of that process: CAP_AUDIT_WRITE, to send. To ask whether auditd is there takes CAP_AUDIT_CONTROL, which could also switch
 * the audit off: it asks once, and gives that up before the first message of the session, unless the policy says `audit = required`;
 * only then each message is preceded by that question. What it takes in is made by the supervisor, it parses nothing, and its
 * seccomp list (confine/kaudit_filter.h) holds what libaudit needs to send.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/policy.h"

struct kaudit {
        int socket; /* -1: nothing is told */
        bool required;
        uint32_t asked; /* number of the last request */
        uint32_t answered;
        int result; /* of the last answer: 0 or -errno */
        int told; /* 0, or -errno: the last event has not even been handed over */
        uint64_t lost; /* messages that were not sent */
};

#define KAUDIT_INIT ((struct kaudit){ .socket = -1 })

/* Forks the process as uid and gid; called as root, before the caller drops. */
int kaudit_start(uid_t uid, gid_t gid, struct kaudit *ret_kaudit);
void kaudit_stop(struct kaudit *kaudit);

/* Says what the policy wants, once. When it is required: 0, or -errno (kaudit_why) when it is not to be had. Otherwise 0, and nothing is told
 * where the policy says no or the kernel has no audit. */
int kaudit_begin(struct kaudit *kaudit, enum policy_audit wanted);

enum kaudit_type { KAUDIT_EXEC, KAUDIT_EXIT }; /* AUDIT_USER_CMD, AUDIT_TRUSTED_APP */

/* Tells one event, without waiting. `text`: kaudit_text.h; a buffer that has failed counts as lost. `address` may be NULL. */
void kaudit_tell(struct kaudit *kaudit, enum kaudit_type type, bool success, const char *address,
                 const struct buf *text);

/* When it is required: waits, at most two seconds, until the last event has been sent, and auditd was there. 0 or -errno. */
int kaudit_confirm(struct kaudit *kaudit);

/* How many events were not sent, those included that are still under way after a moment. */
uint64_t kaudit_settle(struct kaudit *kaudit);

/* What such an error of begin and confirm means, for a person. */
const char *kaudit_why(int error);
