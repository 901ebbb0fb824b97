/* Where the rows of a time begin.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "sql/auditdb.h"

/* The row before the first that is not older than `time_us`: its seq and hash; seq 0 (the hash is left alone) when that is the
 * first of all. Where no row is young enough, the last row. Clocks may have jumped: the order of rows counts, not of times. */
int auditdb_since(struct auditdb *db, int64_t time_us, int64_t *ret_seq, unsigned char ret_hash[AUDITDB_HASH_SIZE],
                  struct auditdb_why *ret_why);
