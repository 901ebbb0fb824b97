/* When a head row is due, and what is in it.
 *
 * Linked by: diag-supervisor, diagctl; included by sql/ only.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "sql/keys.h"

enum { HEAD_ROWS = 1000, HEAD_US = 15 * 60 * 1000000 };

/* After the row `seq`, whose record is `rec`: the reason for a head, or NULL. `boot_us` is CLOCK_BOOTTIME. Pure. */
const char *head_due(const struct keyslot *slot, int64_t seq, const char *rec, size_t length, int64_t boot_us);

/* Appends the record of a head of `tail`, and takes it down in `slot`. */
int head_put(struct auditdb *db, struct buf *buf, const struct tail *tail, const char *reason, struct keyslot *slot,
             struct auditdb_why *ret_why);
