#include "sql/snapshot.h"

#include "sql/internal.h"

int auditdb_snapshot(struct auditdb *db, const char *path, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r;

        /* VACUUM attaches its target: what a connection is otherwise kept from. */
        (void)sqlite3_limit(db->sql, SQLITE_LIMIT_ATTACHED, 1);
        r = auditdb_prepare(db, "VACUUM INTO ?1", &statement, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
        return code == SQLITE_DONE ? 0 : why_sqlite(db, ret_why, code, "cannot copy it");
}
