/* One command line: decided, recorded, answered.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include "pam_diag/supervisor/session.h"
#include "pam_diag/wire/message.h"

/* Answers CHANNEL_ASK_RUN. The plan goes out only after its record is durable (I1); a record that cannot be written is a refusal
 * (I4). -EPROTO for a malformed or second question, -errno when the shell cannot be answered. */
/* A diag-shell that ended before it asked, such as one whose command line the kernel found too long to execute: the attempt is on record
 * as denied. */
void run_record_unasked(struct session *session, struct shell *shell);

int run_answer(struct session *session, struct shell *shell, const struct message *message);
