#include "sql/since.h"

#include <string.h>

#include "sql/internal.h"

int auditdb_since(struct auditdb *db, int64_t time_us, int64_t *ret_seq, unsigned char ret_hash[AUDITDB_HASH_SIZE],
                  struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r;

        r = identity_check(db, ret_why);
        if (r < 0)
                return r;
        /* The inner query walks the rows in their order up to the first that fits; +seq keeps it from an index by time. */
        r = auditdb_prepare(db,
                            "SELECT seq, hash FROM event WHERE seq < coalesce("
                            "(SELECT seq FROM event WHERE +time >= ?1 ORDER BY seq LIMIT 1), 9223372036854775807) "
                            "ORDER BY seq DESC LIMIT 1",
                            &statement, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, time_us);
        code = sqlite3_step(statement);
        if (code == SQLITE_DONE) {
                *ret_seq = 0;
                return 0;
        }
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot look for the rows of a time");
        if (sqlite3_column_bytes(statement, 1) != AUDITDB_HASH_SIZE)
                return why_damaged(db, ret_why, "row %lld is not whole", (long long)sqlite3_column_int64(statement, 0));
        *ret_seq = sqlite3_column_int64(statement, 0);
        memcpy(ret_hash, sqlite3_column_blob(statement, 1), AUDITDB_HASH_SIZE);
        return 0;
}
