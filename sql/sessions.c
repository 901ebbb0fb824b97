#include "sql/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "sql/internal.h"
#include "sql/rec.h"

enum { STATEMENT_MOST = 16 * 1024 };

/* Rows of a session without an invocation are few and stand first in event_session. */
static const char newest[] =
        "WITH chosen AS (SELECT o.seq, o.time, o.session, o.rec, (SELECT min(c.seq) FROM event AS c "
        "WHERE c.session = o.session AND c.invocation IS NULL AND +c.kind = 'close') AS ending "
        "FROM event AS o WHERE o.kind = 'open' AND o.time >= ?1 AND o.time < ?2";
static const char counted[] =
        " ORDER BY o.time DESC, o.seq DESC LIMIT ?12), "
        "counted AS (SELECT h.*, c.rec AS close_rec, c.time AS close_time, "
        "CASE WHEN ending IS NULL THEN (SELECT count(*) FROM event AS x WHERE x.session = h.session AND "
        "x.invocation > 0 AND +x.kind = 'exec' AND +x.verdict = 'allow') END AS commands, "
        "CASE WHEN ending IS NULL THEN (SELECT count(*) FROM event AS x WHERE x.session = h.session AND "
        "x.invocation > 0 AND +x.kind = 'exec' AND +x.verdict = 'deny') END AS denied "
        "FROM chosen AS h LEFT JOIN event AS c ON c.seq = h.ending) "
        "SELECT seq, time, session, rec ->> '$.user', rec ->> '$.client', rec ->> '$.key', rec ->> '$.key_name', "
        "rec ->> '$.host', close_time, close_rec ->> '$.duration_us', close_rec ->> '$.how', close_rec ->> "
        "'$.by.name', "
        "coalesce(commands, close_rec ->> '$.commands'), coalesce(denied, close_rec ->> '$.denied'), rec ->> "
        "'$.monitor' "
        "FROM counted ORDER BY time, seq";

static const char *text_at(sqlite3_stmt *statement, int column)
{
        return (const char *)sqlite3_column_text(statement, column);
}

static void take_row(sqlite3_stmt *statement, struct session_row *ret_row)
{
        *ret_row = (struct session_row){
                .seq = sqlite3_column_int64(statement, 0),
                .opened_us = sqlite3_column_int64(statement, 1),
                .session = text_at(statement, 2),
                .user = text_at(statement, 3),
                .client = text_at(statement, 4),
                .key = text_at(statement, 5),
                .key_name = text_at(statement, 6),
                .host = text_at(statement, 7),
                .closed = sqlite3_column_type(statement, 8) != SQLITE_NULL,
                .closed_us = sqlite3_column_int64(statement, 8),
                .duration_us = sqlite3_column_int64(statement, 9),
                .how = text_at(statement, 10),
                .by = text_at(statement, 11),
                .commands = sqlite3_column_int64(statement, 12),
                .denied = sqlite3_column_int64(statement, 13),
                .monitor = sqlite3_column_int64(statement, 14),
        };
}

static int prepare_sessions(struct auditdb *db, const struct select_filter *filter, bool unclosed,
                            sqlite3_stmt **statement, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf sql = BUF_INIT(STATEMENT_MOST);

        buf_put_text(&sql, newest);
        if (filter->session != NULL)
                buf_put_text(&sql, " AND o.session = ?3");
        if (unclosed)
                buf_put_text(&sql, " AND ending IS NULL");
        select_put_who(&sql, filter);
        buf_put_text(&sql, counted);
        return sql.error != 0 ? why_errno(db, ret_why, sql.error, "cannot read rows")
                              : auditdb_prepare(db, sql.data, statement, ret_why);
}

int auditdb_sessions(struct auditdb *db, const struct select_filter *filter, bool unclosed, size_t most,
                     int (*row)(void *context, const struct session_row *row), void *context,
                     struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int r = identity_check(db, ret_why);

        if (r == 0)
                r = prepare_sessions(db, filter, unclosed, &statement, ret_why);
        if (r < 0)
                return r;
        select_bind(statement, filter, 0, most);
        for (;;) {
                int code = sqlite3_step(statement);
                struct session_row one;

                if (code == SQLITE_DONE)
                        return 0;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot read rows");
                take_row(statement, &one);
                r = row(context, &one);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}

/* The first and the last session in the index with that beginning: "g" stands behind every hex digit. */
static const char first_and_last[] =
        "SELECT (SELECT session FROM event WHERE session >= ?1 AND session < ?1 || 'g' ORDER BY session LIMIT 1), "
        "(SELECT session FROM event WHERE session >= ?1 AND session < ?1 || 'g' ORDER BY session DESC LIMIT 1)";

int auditdb_find_session(struct auditdb *db, const char *prefix, char ret_session[33], struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        size_t length = strlen(prefix);
        const char *first;
        const char *last;
        int code;
        int r;

        if (length < 1 || length > REC_SESSION_LENGTH || strspn(prefix, "0123456789abcdef") != length)
                return why_set(ret_why, -EINVAL, "a session is named by the first of its %d digits 0-9 and a-f",
                               REC_SESSION_LENGTH);
        r = auditdb_prepare(db, first_and_last, &statement, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_bind_text(statement, 1, prefix, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read rows");
        first = text_at(statement, 0);
        last = text_at(statement, 1);
        if (first == NULL || last == NULL)
                return why_set(ret_why, -ENOENT, "the audit database %s: no session begins with %s", db->path, prefix);
        if (strlen(first) != REC_SESSION_LENGTH)
                return why_damaged(db, ret_why, "a session has no whole name");
        if (strcmp(first, last) != 0)
                return why_set(ret_why, -ENOTUNIQ,
                               "several sessions begin with %s, such as %s and %s; give more digits", prefix, first,
                               last);
        memcpy(ret_session, first, REC_SESSION_LENGTH + 1);
        return 0;
}
