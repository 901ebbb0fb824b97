/* A copy of the whole database, for readers.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include "sql/auditdb.h"

/* Writes one consistent copy (VACUUM INTO) to `path`, an empty file that the caller has made. Not in WAL mode: it needs no second file
 * and no right to write. `db` is open for writing, although nothing is written to it (SQLite 3.40 cannot copy a table with generated columns
 * over a connection that is read-only). It is good for nothing else afterwards. */
int auditdb_snapshot(struct auditdb *db, const char *path, struct auditdb_why *ret_why);
