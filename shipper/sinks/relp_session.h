/* A session of RELP (rsyslog's doc/relp.html): every message is acknowledged by the receiver.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "shipper/stream.h"

enum { RELP_WINDOW = 128 }; /* messages that may wait for their acknowledgement: librelp's own number */

struct relp_session;

/* Opens the session over a stream, which it then owns; also when it fails. Errors as in stream.h; -EPROTO when the receiver does not speak
 * RELP, -ECONNREFUSED when it refuses, -ECONNRESET when it ends the session. */
int relp_session_open(struct stream *stream, struct relp_session **ret_session, struct stream_why *ret_why);

/* Queues a message; sends when enough is queued, and waits while the window is full. -EREMOTEIO: the receiver has not taken a message. */
int relp_session_send(struct relp_session *session, const char *message, size_t length, struct stream_why *ret_why);

/* 0 once every message has been acknowledged. */
int relp_session_drain(struct relp_session *session, struct stream_why *ret_why);

/* Ends the session as the protocol has it, as far as the receiver goes along; nothing depends on that. NULL-safe. */
void relp_session_close(struct relp_session *session);
