/* The module and its supervisor: opening and closing one session.
 *
 * Linked by: pam_diag.so, diag-supervisor.
 *
 *     module                         supervisor
 *     ask_open            ─────►     drops privilege, loads the policy, opens the database
 *                         ◄─────     answer_list … (what to confine by), answer_ready     or answer_refused
 *     hides what is denied  ◄────     answer_list … (the rest to read), answer_domain + a Landlock domain   or answer_refused
 *     confines itself
 *     ask_group + cgroup.procs   ─────►     (when it could make a group)
 *     ask_confined + listener ─►     commits the open record
 *                         ◄─────     answer_opened                                        or answer_refused
 *       or report_unconfined  ─►     commits the records of a refused session
 *     (the session)
 *     ask_close           ─────►     ends every command, commits the close record
 *                         ◄─────     answer_closed
 *
 * The supervisor takes a message only with the credentials of uid 0 and the monitor's pid: sshd's unprivileged child inherits
 * the descriptor.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pam_diag/base/buf.h"

/* The descriptor at which the supervisor finds its end. */
enum { CONTROL_FD = 3 };

enum control_type {
        CONTROL_ASK_OPEN = 0x100,
        CONTROL_ANSWER_LIST,
        CONTROL_ANSWER_READY,
        CONTROL_ANSWER_DOMAIN, /* descriptor: a Landlock domain of what may be executed and most of what may be read */
        CONTROL_ANSWER_REFUSED, /* body: one text for the person at the other end */
        CONTROL_ASK_GROUP, /* body: path of the session's control group, 1 if it is limited; descriptor: its cgroup.procs */
        CONTROL_ASK_HOME, /* after it; descriptor: cgroup.procs of the group in which sshd is */
        CONTROL_ASK_CONFINED, /* body: names of missing layers, st_dev of the masks; descriptor: the seccomp listener */
        CONTROL_ANSWER_OPENED,
        CONTROL_ASK_CLOSE,
        CONTROL_ANSWER_CLOSED,
        CONTROL_REPORT_UNCONFINED, /* body: names of missing layers, accepted or not; the session does not open */
};

/* What the module knows. All texts are malloc'ed; those marked may be NULL. */
struct control_open {
        char *user;
        uid_t uid;
        gid_t gid;
        char *service;
        char *client; /* PAM_RHOST, may be NULL */
        char *tty; /* PAM_TTY, may be NULL */
        char *auth_info; /* SSH_AUTH_INFO_0, may be NULL */
        char *policy; /* path */
        char *db; /* path */
        char *shell; /* path of diag-shell */
};

void control_open_free(struct control_open *open);
#define cleanup_control_open __attribute__((cleanup(control_open_free)))
void control_open_pack(const struct control_open *open, struct buf *buf);
/* -EBADMSG unless the bytes are exactly one such message with every text that may not be NULL. */
int control_open_unpack(const char *data, size_t length, struct control_open *ret_open);

/* What the module confines by. */
enum control_list {
        CONTROL_LIST_DENY, /* patterns of what nobody may see */
        CONTROL_LIST_READ, /* patterns of what may be read by some command and is not in the domain */
        CONTROL_LIST_LIST, /* likewise, of what may be listed */
        CONTROL_LIST_ACCEPT, /* layers whose absence is accepted */
        CONTROL_LIST_NETWORK, /* CONTROL_NETWORK_LOOPBACK when some command may connect to this host */
        CONTROL_LIST_LIMITS, /* of the session as a whole, in decimal, 0 for none: bytes of memory, processes */
        CONTROL_LIST_COUNT,
};

struct control_lists {
        char **lists[CONTROL_LIST_COUNT];
};

#define CONTROL_NETWORK_LOOPBACK "loopback"

enum { CONTROL_LIST_MOST = 65536, CONTROL_LIST_PART = 32 * 1024 };

void control_lists_free(struct control_lists *lists);
#define cleanup_control_lists __attribute__((cleanup(control_lists_free)))

/* Sends one list in as many answer_list messages as it needs. */
int control_list_send(int socket, enum control_list which, char *const *strings);
/* Takes the body of one answer_list and appends to that list. -EBADMSG, -E2BIG past CONTROL_LIST_MOST. */
int control_list_unpack(const char *data, size_t length, struct control_lists *lists);
