#include "sql/listing.h"

#include "sql/internal.h"

/* By the index of denied rows; `+kind` keeps SQLite from reading every exec row instead. */
static const char denied_sql[] =
        "SELECT e.seq, e.time, e.session, e.rec ->> '$.line', e.rec ->> '$.code', e.rec ->> '$.reason', "
        "o.rec ->> '$.user', o.rec ->> '$.key', o.rec ->> '$.client' FROM event AS e LEFT JOIN event AS o "
        "ON o.seq = (SELECT min(seq) FROM event WHERE session = e.session AND +kind = 'open') "
        "WHERE e.verdict = 'deny' AND +e.kind = 'exec' AND e.time >= ?1 ORDER BY e.time DESC, e.seq DESC LIMIT ?2";

static const char *text_at(sqlite3_stmt *statement, int column)
{
        return (const char *)sqlite3_column_text(statement, column);
}

static void take_denied(sqlite3_stmt *statement, struct listing_denied *ret_row)
{
        *ret_row = (struct listing_denied){
                .seq = sqlite3_column_int64(statement, 0),
                .time_us = sqlite3_column_int64(statement, 1),
                .session = text_at(statement, 2),
                .line = text_at(statement, 3),
                .line_length = (size_t)sqlite3_column_bytes(statement, 3),
                .code = text_at(statement, 4),
                .reason = text_at(statement, 5),
                .user = text_at(statement, 6),
                .key = text_at(statement, 7),
                .client = text_at(statement, 8),
        };
}

int auditdb_denied(struct auditdb *db, int64_t since_us, size_t most,
                   int (*row)(void *context, const struct listing_denied *row), void *context,
                   struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int r = identity_check(db, ret_why);

        if (r == 0)
                r = auditdb_prepare(db, denied_sql, &statement, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, since_us);
        (void)sqlite3_bind_int64(statement, 2, most > INT64_MAX ? INT64_MAX : (int64_t)most);
        for (;;) {
                int code = sqlite3_step(statement);
                struct listing_denied one;

                if (code == SQLITE_DONE)
                        return 0;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot read rows");
                take_denied(statement, &one);
                r = row(context, &one);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}
