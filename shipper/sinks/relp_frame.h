/* Frames of RELP (rsyslog's doc/relp.html): pure, for bytes of any kind.
 *
 * Linked by: diag-ship.
 *
 *   NUMBER SP COMMAND SP LENGTH [SP DATA] LF
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

enum {
        RELP_NUMBER_MOST = 999999999,
        RELP_COMMAND_MOST = 32,
        RELP_REPLY_MOST = 64 * 1024, /* bytes of data in one frame of a receiver: they are short texts */
        RELP_HEAD_MOST = 9 + 1 + RELP_COMMAND_MOST + 1 + 9 + 1,
};

struct relp_frame {
        uint32_t number; /* of the transaction; 0 in what the receiver says unasked */
        char command[RELP_COMMAND_MOST + 1];
        const char *data; /* into the bytes that were parsed; not terminated */
        size_t length;
};

/* The first frame in `bytes`; *ret_used bytes of them. -EAGAIN: more are needed, -EBADMSG: this will never be one. */
int relp_frame_parse(const char *bytes, size_t size, struct relp_frame *ret_frame, size_t *ret_used);

void relp_frame_put(struct buf *buf, uint32_t number, const char *command, const char *data, size_t length);

/* The data of a response: "CODE[ TEXT]", three digits; further lines are dropped. The text is cut to fit, and has printable ASCII alone:
 * it is shown to people. -EBADMSG. */
enum { RELP_TEXT_SIZE = 128 };
int relp_reply_parse(const char *data, size_t length, unsigned *ret_code, char ret_text[RELP_TEXT_SIZE]);

/* The offers in a response to `open`: does the receiver speak version 0 or 1, and take `syslog`? */
bool relp_offers_suffice(const char *data, size_t length);
