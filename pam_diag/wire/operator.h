/* Between an operator's tool and the supervisor of one session: a socket with the session's name.
 *
 * Linked by: diag-supervisor, diagctl (and pam_diag.so and diag-shell, which never use it).
 *
 * The directory is the auditor's alone (0700), so only root reaches the socket; who speaks is told by the kernel with each message
 * (unix(7), SCM_CREDENTIALS). A name leads to the process that serves that session or to nobody: no pid has to be looked up and
 * trusted. A socket that refuses belongs to a supervisor that was killed.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "pam_diag/wire/message.h"

enum operator_type {
        OPERATOR_ASK_KILL = 0x300, /* body: the operator's name, for the record */
        OPERATOR_ANSWER_KILLING, /* descriptor: pidfd of the session's sshd */
        OPERATOR_ANSWER_CLOSED, /* the end is on record */
        OPERATOR_ANSWER_REFUSED, /* body: one text, why not */
};

enum { OPERATOR_NAME_MOST = 256, OPERATOR_SESSION_LENGTH = 32 };

/* Makes the directory, as root, and gives it to that user. Safe: its parent is root's, the descriptor is of a directory and not of a link to
 * one, and the mode shuts out everybody else. */
int operator_directory_make(const char *path, uid_t owner, int *ret_directory);

/* A socket of that name in the open directory, which listens. Whoever finds the name finds it listening, for as long as its owner lives. */
int operator_listen(int directory, const char *session, int *ret_socket);
void operator_unlisten(int directory, const char *session);

/* Is that the socket of a session, or one in the making, which nobody has open any more? Such a one never comes back to life. Nobody is
 * disturbed by the question. */
bool operator_is_stale(int directory, const char *name);

/* The next caller, if it is root; its messages come with credentials. -EAGAIN: there is none. */
int operator_accept(int socket, int *ret_caller);

/* Connects to the supervisor of that session, which must run as `owner` or root. -ENOENT: the session is over, or on another host, or its
 * supervisor was killed and that swept. -ECONNREFUSED: its supervisor was killed. -EAGAIN: it has not taken in those who called before. */
int operator_connect(const char *directory, const char *session, uid_t owner, int *ret_socket);
