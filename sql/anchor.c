#include <string.h>

#include "sql/internal.h"

static const char anchor_sql[] = "SELECT seq, hash, mac FROM anchor WHERE id = 1";

int anchor_read(struct auditdb *db, struct anchor *ret_anchor, struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *statement = NULL;
        struct anchor anchor = { 0 };
        int code;
        int r = auditdb_prepare(db, anchor_sql, &db->anchor, ret_why);

        if (r < 0)
                return r;
        statement = db->anchor;
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read its anchor");
        if (code == SQLITE_DONE || sqlite3_column_bytes(statement, 1) != AUDITDB_HASH_SIZE)
                return why_damaged(db, ret_why, "it has lost its anchor");
        anchor.seq = sqlite3_column_int64(statement, 0);
        memcpy(anchor.hash, sqlite3_column_blob(statement, 1), AUDITDB_HASH_SIZE);
        anchor.has_mac = sqlite3_column_bytes(statement, 2) == AUDITDB_MAC_SIZE;
        if (anchor.has_mac)
                memcpy(anchor.mac, sqlite3_column_blob(statement, 2), AUDITDB_MAC_SIZE);
        *ret_anchor = anchor;
        return 0;
}
