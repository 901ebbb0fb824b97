/* A record as a session's, and the floor beside it: the same bytes, appended to a file and flushed.
 *
 * Linked by: commit, insert.
 */
#pragma once

#include <stdint.h>

#include "pam_diag/base/buf.h"

/* An exec record of about the usual length, `number` in it. 0 or -errno. */
int record_make(struct buf *buf, int64_t number);

/* 0 or -errno. */
int record_floor(int fd, const struct buf *record);
