/* One message over a SOCK_SEQPACKET pair: a type, a body, up to two descriptors, the sender's credentials.
 *
 * Linked by: pam_diag.so, diag-supervisor, diag-shell.
 *
 * Sources: unix(7) for SCM_RIGHTS and SCM_CREDENTIALS. A message is whole or an error, never cut.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/wire/pack.h"

enum {
        MESSAGE_BODY_MOST = 192 * 1024, /* below the default socket buffer (net.core.wmem_default, 208 KiB) */
        MESSAGE_FDS_MOST = 2,
};

struct message {
        uint32_t type;
        char *body;
        size_t length;
        int fds[MESSAGE_FDS_MOST]; /* owned; -1 where there is none */
        pid_t pid; /* of the sender, by the kernel's word; 0 without SO_PASSCRED */
        uid_t uid; /* (uid_t)-1 without SO_PASSCRED */
};

#define MESSAGE_INIT ((struct message){ .fds = { -1, -1 }, .uid = (uid_t)-1 })

void message_free(struct message *message);
#define cleanup_message __attribute__((cleanup(message_free)))

/* A connected pair. The second end receives credentials with every message. */
int message_pair(int *ret_plain, int *ret_credentials);

/* From now on this end receives them, too. */
int message_ask_credentials(int socket);

/* Sends `body` under `type`; `fd` is passed along when it is not -1. -EMSGSIZE for a body over the limit or a buffer that has
 * failed, -EPIPE when the peer is gone (no signal is raised). Blocks while the peer's queue is full. */
int message_send(int socket, uint32_t type, const struct buf *body, int fd);

/* The same for a message without a body. */
int message_send_plain(int socket, uint32_t type);

/* Waits at most timeout_ms (-1: for ever, 0: not at all) for one message. -ETIMEDOUT, -EAGAIN for 0, -ECONNRESET when the peer has
 * closed, -EBADMSG for one that is cut or malformed: it is taken from the queue and its descriptors are closed. An empty packet
 * is malformed where credentials are received and cannot be told from the end where they are not. */
int message_receive(int socket, int timeout_ms, struct message *ret_message);
