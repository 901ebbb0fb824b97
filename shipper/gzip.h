/* Bytes in gzip's form (RFC 1952), the same bytes for the same input: no time, no name.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"

/* Appends. 0, -ENOMEM, -EMSGSIZE. */
int gzip_put(struct buf *buf, const char *data, size_t length);
