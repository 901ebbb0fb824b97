/* Removing rows from the beginning.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 *
 * In chunks, each one transaction: a prune row that names the last row that goes, the anchor moved to that row, the rows deleted. The
 * schema holds everybody to this order (schema-2.sql). Between chunks the lock is left alone for as long as it was held.
 */
#pragma once

#include <sys/types.h>

#include "sql/auditdb.h"

enum { PRUNE_CHUNK = 2000, PRUNE_CHUNK_LEAST = 50 };

struct prune {
        int64_t before_us; /* rows that are older; the first one that is not ends it, whatever comes behind. 0: age does not matter */
        uint64_t size_most; /* until what the rows take is not more bytes than this; 0: size does not matter */
        int64_t through; /* no row behind this one: what every sink has acknowledged */
        int64_t spare; /* nor this one and what is behind it: by it diag-ship knows the chain again. 0: none */
        char *const *sinks; /* their names, for the record */
        uid_t uid;
        int64_t auid; /* login uid; -1: unset */
        size_t chunk; /* rows at once; halved by the caller when the disk is full */
};

struct prune_result {
        int64_t rows; /* so far, also after a failure */
        int64_t anchor; /* the last one that went, now or earlier */
        uint64_t size; /* bytes that the rows take now */
        bool stopped; /* `through` kept rows that are old enough, or that the size wants gone */
};

/* Adds to *result, which the caller has set to zero; may be called again after a failure, and goes on. As auditdb_append. */
int auditdb_prune(struct auditdb *db, const struct prune *prune, struct prune_result *result,
                  struct auditdb_why *ret_why);

/* What a prune would look at: bytes that the rows take. */
int auditdb_size(struct auditdb *db, uint64_t *ret_bytes, struct auditdb_why *ret_why);
