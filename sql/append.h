/* A transaction that adds rows, under the outer lock.
 *
 * Linked by: diag-supervisor, diagctl; included by sql/ only.
 */
#pragma once

#include "sql/keys.h"

struct append {
        struct auditdb *db;
        struct tail tail; /* the last row, these included */
        struct keys keys;
        bool flush; /* the key has to be on the disk when this returns */
};

/* Takes the lock and begins. After a failure nothing is held. */
int append_begin(struct auditdb *db, struct append *ret_append, struct auditdb_why *ret_why);
/* One more row, chained and with its mac. */
int append_put(struct append *append, const char *rec, size_t length, struct auditdb_why *ret_why);
/* A head of the last row. There must be a key. */
int append_put_head(struct append *append, const char *reason, struct auditdb_why *ret_why);
/* Commits when `r` is 0 and rolls back otherwise; gives the lock back. Returns `r` or the commit's failure. */
int append_end(struct append *append, int r, struct auditdb_why *ret_why);
