#include <errno.h>
#include <string.h>

#include "sql/chain.h"
#include "sql/internal.h"

int auditdb_check_header(struct auditdb *db, int *ret_version, struct auditdb_why *ret_why)
{
        int64_t application = 0;
        int64_t version = 0;
        int r;

        r = auditdb_integer(db, "PRAGMA application_id", &application, ret_why);
        if (r < 0)
                return r;
        if (application != AUDITDB_APPLICATION_ID)
                return why_damaged(db, ret_why, "not an audit database (application_id %lld)", (long long)application);
        r = auditdb_integer(db, "PRAGMA user_version", &version, ret_why);
        if (r < 0)
                return r;
        if (version > AUDITDB_VERSION)
                return why_set(
                        ret_why, -EPROTO,
                        "the audit database %s: made by a newer version of pam_diag (format %lld, this one knows "
                        "up to %d); install the newer version",
                        db->path, (long long)version, AUDITDB_VERSION);
        if (version < 1)
                return why_damaged(db, ret_why, "its format has the number %lld", (long long)version);
        *ret_version = (int)version;
        return 0;
}

static int check_uuid(struct auditdb *db, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        const unsigned char *text;
        int code;
        int r;

        r = auditdb_prepare(db, "SELECT value FROM meta WHERE name = 'uuid'", &statement, ret_why);
        if (r < 0)
                return r;
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read its name");
        text = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
        if (text == NULL || sqlite3_column_bytes(statement, 0) != AUDITDB_UUID_SIZE - 1)
                return why_damaged(db, ret_why, "it has lost its name (meta, uuid)");
        memcpy(db->uuid, text, AUDITDB_UUID_SIZE);
        return 0;
}

/* `statement` stands on (seq, rec, hash, hash of the row before). */
static int check_last(const struct auditdb *db, sqlite3_stmt *statement, const struct anchor *anchor,
                      struct auditdb_why *ret_why)
{
        int64_t seq = sqlite3_column_int64(statement, 0);
        const void *rec = sqlite3_column_text(statement, 1);
        size_t length = (size_t)sqlite3_column_bytes(statement, 1);
        const void *hash = sqlite3_column_blob(statement, 2);
        bool fits = sqlite3_column_bytes(statement, 2) == CHAIN_HASH_SIZE;
        const void *before = sqlite3_column_blob(statement, 3);
        bool first = sqlite3_column_type(statement, 3) == SQLITE_NULL;
        unsigned char made[CHAIN_HASH_SIZE];
        int r;

        if (rec == NULL || hash == NULL || !fits || first != (seq == anchor->seq + 1) ||
            (!first && sqlite3_column_bytes(statement, 3) != CHAIN_HASH_SIZE))
                return why_damaged(db, ret_why, "the last row, %lld, is not whole", (long long)seq);
        r = chain_next(first ? anchor->hash : before, rec, length, made);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot compute SHA3-256");
        if (memcmp(made, hash, CHAIN_HASH_SIZE) != 0)
                return why_damaged(db, ret_why, "the last row, %lld, does not fit its hash: it was changed",
                                   (long long)seq);
        return 0;
}

/* *ret_last is 0 when there is no row. */
static int check_last_row(struct auditdb *db, const struct anchor *anchor, int64_t *ret_last,
                          struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r;

        r = auditdb_prepare(db,
                            "SELECT seq, rec, hash, (SELECT hash FROM event AS b WHERE b.seq = e.seq - 1) "
                            "FROM event AS e ORDER BY seq DESC LIMIT 1",
                            &statement, ret_why);
        if (r < 0)
                return r;
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read the last row");
        *ret_last = 0;
        if (code == SQLITE_DONE)
                return 0;
        *ret_last = sqlite3_column_int64(statement, 0);
        return check_last(db, statement, anchor, ret_why);
}

static int check_tail(struct auditdb *db, struct auditdb_why *ret_why)
{
        struct anchor anchor = { 0 };
        int64_t last = 0;
        int64_t sequence = 0;
        int r;

        r = anchor_read(db, &anchor, ret_why);
        if (r == 0)
                r = check_last_row(db, &anchor, &last, ret_why);
        if (r == 0)
                r = auditdb_integer(db, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)",
                                    &sequence, ret_why);
        if (r < 0)
                return r;
        if (sequence != last)
                return why_damaged(db, ret_why, "its last row is %lld and should be %lld: rows were removed",
                                   (long long)last, (long long)sequence);
        return 0;
}

int auditdb_check_content(struct auditdb *db, struct auditdb_why *ret_why)
{
        int r;

        /* One snapshot for all of it: another process may append between two statements. */
        r = auditdb_execute(db, "BEGIN", ret_why);
        if (r < 0)
                return r;
        r = check_uuid(db, ret_why);
        if (r == 0 && db->mode != AUDITDB_READ_ANY)
                r = check_tail(db, ret_why);
        if (r == 0)
                return auditdb_execute(db, "COMMIT", ret_why);
        if (sqlite3_get_autocommit(db->sql) == 0)
                (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
        return r;
}
