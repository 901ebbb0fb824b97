/* One row as a syslog message (RFC 5424), without any framing.
 *
 * Linked by: diag-ship.
 *
 *   <PRI>1 TIME HOST pam_diag - KIND [diag@NUMBER log.record.uid="…" … diag.chain="…"] BOM RECORD
 *
 * The structured data has the fields of a line of JSON (line.h) by the same names; lists are JSON. The message is the stored record,
 * byte for byte. There is no control character in it, so a line is a frame, too. In a field such a character is \uXXXX, and a field that
 * had one, or bytes that are no UTF-8, has its bytes in base64 beside it, as `NAME_base64`. Facility authpriv; what was denied is a
 * warning, all else informational.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"
#include "sql/export.h"

enum {
        SYSLOG_MESSAGE_LEAST = 1024, /* for `most`: the short form always fits */
        SYSLOG_ENTERPRISE_EXAMPLE = 32473, /* RFC 5612: for documentation, nobody's */
        SYSLOG_PARAMETER_MOST = 32, /* bytes of a parameter's name, RFC 5424 section 6 */
};

struct syslog_form {
        uint32_t enterprise; /* private enterprise number behind the @ */
        size_t most; /* bytes of one message; a larger one is sent in the short form */
        bool mark; /* a byte order mark before the record, which RFC 5424 wants */
};

/* Appends the message. Every byte comes from the row and the form. The short form has the fields that tell which row it is, `diag.cut`,
 * and as much of the record's beginning as fits. 0 or -errno. */
int syslog_message_put(struct buf *buf, const struct syslog_form *form, struct auditdb *db,
                       const struct export_row *row);
