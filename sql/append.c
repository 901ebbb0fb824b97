#include <errno.h>
#include <string.h>

#include "sql/chain.h"
#include "sql/internal.h"
#include "sql/lock.h"

/* A row that no reader could parse would block every export behind it, for ever. */
static int check_rec(struct auditdb *db, const char *rec, size_t length, struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *valid = NULL;
        int code;
        int r;

        if (length > AUDITDB_REC_MOST)
                return why_set(ret_why, -EMSGSIZE,
                               "the audit database %s: a record of %zu bytes is too long (%d at most)", db->path,
                               length, AUDITDB_REC_MOST);
        r = auditdb_prepare(db, "SELECT json_valid(?1)", &db->valid, ret_why);
        if (r < 0)
                return r;
        valid = db->valid;
        (void)sqlite3_bind_text64(valid, 1, rec, length, SQLITE_STATIC, SQLITE_UTF8);
        code = sqlite3_step(valid);
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot check the record");
        if (sqlite3_column_int(valid, 0) == 0 || memchr(rec, '\n', length) != NULL || memchr(rec, '\0', length) != NULL)
                return why_set(ret_why, -EINVAL, "the audit database %s: the record is not one line of JSON", db->path);
        return 0;
}

static int read_tail(struct auditdb *db, int64_t *ret_seq, unsigned char ret_hash[CHAIN_HASH_SIZE],
                     struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *tail = NULL;
        const void *hash;
        int code;
        int r;

        r = auditdb_prepare(db, "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", &db->tail, ret_why);
        if (r < 0)
                return r;
        tail = db->tail;
        code = sqlite3_step(tail);
        if (code == SQLITE_DONE) {
                memset(ret_hash, 0, CHAIN_HASH_SIZE);
                *ret_seq = 0;
                return 0;
        }
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read the last row");
        hash = sqlite3_column_blob(tail, 1);
        if (hash == NULL || sqlite3_column_bytes(tail, 1) != CHAIN_HASH_SIZE)
                return why_damaged(db, ret_why, "the last row has no hash");
        memcpy(ret_hash, hash, CHAIN_HASH_SIZE);
        *ret_seq = sqlite3_column_int64(tail, 0);
        return 0;
}

static int insert_row(struct auditdb *db, int64_t seq, const char *rec, size_t length, const unsigned char *hash,
                      struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *insert = NULL;
        int code;
        int r;

        r = auditdb_prepare(db, "INSERT INTO event (seq, rec, hash) VALUES (?1, ?2, ?3)", &db->insert, ret_why);
        if (r < 0)
                return r;
        insert = db->insert;
        (void)sqlite3_bind_int64(insert, 1, seq);
        (void)sqlite3_bind_text64(insert, 2, rec, length, SQLITE_STATIC, SQLITE_UTF8);
        (void)sqlite3_bind_blob(insert, 3, hash, CHAIN_HASH_SIZE, SQLITE_STATIC);
        code = sqlite3_step(insert);
        if (code == SQLITE_DONE)
                return 0;
        if (code == SQLITE_CONSTRAINT_CHECK)
                return why_set(ret_why, -EINVAL, "the audit database %s: the record does not begin as records do: %s",
                               db->path, sqlite3_errmsg(db->sql));
        return why_sqlite(db, ret_why, code, "cannot store the record");
}

static int append_inside(struct auditdb *db, const char *rec, size_t length, int64_t *ret_seq,
                         struct auditdb_why *ret_why)
{
        unsigned char hash[CHAIN_HASH_SIZE];
        int64_t last = 0;
        int code;
        int r;

        r = read_tail(db, &last, hash, ret_why);
        if (r < 0)
                return r;
        r = chain_next(hash, rec, length, hash);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot compute SHA3-256");
        r = insert_row(db, last + 1, rec, length, hash, ret_why);
        if (r < 0)
                return r;
        code = sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                return why_sqlite(db, ret_why, code, "cannot store the record");
        *ret_seq = last + 1;
        return 0;
}

static int append_locked(struct auditdb *db, const char *rec, size_t length, int64_t *ret_seq,
                         struct auditdb_why *ret_why)
{
        int code;
        int r;

        r = identity_check(db, ret_why);
        if (r < 0)
                return r;
        code = sqlite3_exec(db->sql, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                return why_sqlite(db, ret_why, code, "cannot begin to store the record");
        r = append_inside(db, rec, length, ret_seq, ret_why);
        if (r < 0 && sqlite3_get_autocommit(db->sql) == 0)
                (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
        return r;
}

int auditdb_append(struct auditdb *db, const char *rec, size_t length, int64_t *ret_seq, struct auditdb_why *ret_why)
{
        int64_t seq = 0;
        int r;

        if (db->mode != AUDITDB_WRITE)
                return why_set(ret_why, -EROFS, "the audit database %s: opened for reading only", db->path);
        r = check_rec(db, rec, length, ret_why);
        if (r < 0)
                return r;
        r = lock_take(db, ret_why);
        if (r < 0)
                return r;
        r = append_locked(db, rec, length, &seq, ret_why);
        lock_drop(db);
        if (r < 0)
                return r;
        if (ret_seq != NULL)
                *ret_seq = seq;
        return 0;
}
