/* The outer lock: one writer at a time.
 *
 * Linked by: diag-supervisor, diagctl (and diag-ship, which never takes it).
 *
 * SQLite's own waiting (busy_timeout) sleeps blindly and lets single writers starve for seconds. So every writer first
 * takes an open-file-description lock (fcntl(2), F_OFD_SETLK) on `audit.db-lock` beside the database. Checkpoints
 * happen inside a COMMIT and so under this lock too. The file is empty and never removed.
 */
#pragma once

#include <stdint.h>

#include "sql/auditdb.h"

/* 0, -EBUSY after the bound of `db`, or the error of making or locking the file; *ret_why says it. */
int lock_take(struct auditdb *db, struct auditdb_why *ret_why);
void lock_drop(struct auditdb *db);

/* Milliseconds of a clock that nobody can set. */
uint64_t lock_clock_ms(void);
