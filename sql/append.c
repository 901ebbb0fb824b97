#include <errno.h>
#include <string.h>

#include "pam_diag/base/clock.h"
#include "sql/append.h"
#include "sql/chain.h"
#include "sql/head.h"
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

static int read_tail(struct auditdb *db, struct tail *ret_tail, struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *statement = NULL;
        struct tail tail = { .seq = 0 };
        const void *hash;
        int code;
        int r;

        r = auditdb_prepare(db, "SELECT seq, hash, mac IS NOT NULL FROM event ORDER BY seq DESC LIMIT 1", &db->tail,
                            ret_why);
        if (r < 0)
                return r;
        statement = db->tail;
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read the last row");
        if (code == SQLITE_ROW) {
                hash = sqlite3_column_blob(statement, 1);
                if (hash == NULL || sqlite3_column_bytes(statement, 1) != AUDITDB_HASH_SIZE)
                        return why_damaged(db, ret_why, "the last row has no hash");
                memcpy(tail.hash, hash, AUDITDB_HASH_SIZE);
                tail.seq = sqlite3_column_int64(statement, 0);
                tail.has_mac = sqlite3_column_int(statement, 2) != 0;
        }
        *ret_tail = tail;
        return 0;
}

static int insert_row(struct auditdb *db, const struct tail *row, const unsigned char *mac, const char *rec,
                      size_t length, struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *insert = NULL;
        int code;
        int r;

        r = auditdb_prepare(db, "INSERT INTO event (seq, rec, hash, mac) VALUES (?1, ?2, ?3, ?4)", &db->insert,
                            ret_why);
        if (r < 0)
                return r;
        insert = db->insert;
        (void)sqlite3_bind_int64(insert, 1, row->seq);
        (void)sqlite3_bind_text64(insert, 2, rec, length, SQLITE_STATIC, SQLITE_UTF8);
        (void)sqlite3_bind_blob(insert, 3, row->hash, AUDITDB_HASH_SIZE, SQLITE_STATIC);
        if (mac != NULL)
                (void)sqlite3_bind_blob(insert, 4, mac, AUDITDB_MAC_SIZE, SQLITE_STATIC);
        else
                (void)sqlite3_bind_null(insert, 4);
        code = sqlite3_step(insert);
        if (code == SQLITE_DONE)
                return 0;
        if (code == SQLITE_CONSTRAINT_CHECK)
                return why_set(ret_why, -EINVAL, "the audit database %s: the record does not begin as records do: %s",
                               db->path, sqlite3_errmsg(db->sql));
        return why_sqlite(db, ret_why, code, "cannot store the record");
}

int append_put(struct append *append, const char *rec, size_t length, struct auditdb_why *ret_why)
{
        struct tail row = { .seq = append->tail.seq + 1, .has_mac = append->keys.present };
        unsigned char mac[AUDITDB_MAC_SIZE];
        int r = chain_next(append->tail.hash, rec, length, row.hash);

        if (r < 0)
                return why_errno(append->db, ret_why, r, "cannot compute SHA3-256");
        if (row.has_mac)
                r = keys_mac(append->db, &append->keys, row.hash, mac, ret_why);
        if (r == 0)
                r = insert_row(append->db, &row, row.has_mac ? mac : NULL, rec, length, ret_why);
        if (r == 0)
                append->tail = row;
        return r;
}

int append_put_head(struct append *append, const char *reason, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        int r = head_put(append->db, &rec, &append->tail, reason, &append->keys.slot, ret_why);

        if (r == 0)
                r = append_put(append, rec.data, rec.length, ret_why);
        append->flush = true;
        return r;
}

static int begin_locked(struct auditdb *db, struct append *append, struct auditdb_why *ret_why)
{
        int code;
        int r;

        r = identity_check(db, ret_why);
        if (r < 0)
                return r;
        code = sqlite3_exec(db->sql, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                return why_sqlite(db, ret_why, code, "cannot begin to store the record");
        r = read_tail(db, &append->tail, ret_why);
        return r < 0 ? r : keys_begin(db, &append->tail, &append->keys, ret_why);
}

/* Rolls back what a failure has left. */
static void give_up(struct auditdb *db)
{
        if (sqlite3_get_autocommit(db->sql) == 0)
                (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
        lock_drop(db);
}

int append_begin(struct auditdb *db, struct append *ret_append, struct auditdb_why *ret_why)
{
        int r;

        *ret_append = (struct append){ .db = db };
        if (db->mode != AUDITDB_WRITE)
                return why_set(ret_why, -EROFS, "the audit database %s: opened for reading only", db->path);
        r = lock_take(db, ret_why);
        if (r < 0)
                return r;
        r = begin_locked(db, ret_append, ret_why);
        if (r < 0)
                give_up(db);
        return r;
}

int append_end(struct append *append, int r, struct auditdb_why *ret_why)
{
        struct auditdb *db = append->db;
        int code;

        if (r == 0) {
                code = sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL);
                if (code != SQLITE_OK)
                        r = why_sqlite(db, ret_why, code, "cannot store the record");
                else if (append->keys.present)
                        r = keys_commit(db, &append->keys, append->flush, ret_why);
        }
        give_up(db);
        keys_clear(&append->keys);
        return r;
}

int auditdb_append(struct auditdb *db, const char *rec, size_t length, int64_t *ret_seq, struct auditdb_why *ret_why)
{
        struct append append = { .db = db };
        struct tail appended;
        const char *reason;
        int r = check_rec(db, rec, length, ret_why);

        if (r == 0)
                r = append_begin(db, &append, ret_why);
        if (r != 0)
                return r;
        r = append_put(&append, rec, length, ret_why);
        appended = append.tail;
        reason = append.keys.present ? head_due(&append.keys.slot, appended.seq, rec, length, clock_boot_us()) : NULL;
        /* In the same transaction: a head costs no flush of its own, and is there or not as its row is. */
        if (r == 0 && reason != NULL)
                r = append_put_head(&append, reason, ret_why);
        r = append_end(&append, r, ret_why);
        if (r < 0)
                return r;
        db->appended_seq = appended.seq;
        memcpy(db->appended_hash, appended.hash, AUDITDB_HASH_SIZE);
        if (ret_seq != NULL)
                *ret_seq = appended.seq;
        return 0;
}

int auditdb_appended(const struct auditdb *db, int64_t *ret_seq, unsigned char ret_hash[AUDITDB_HASH_SIZE])
{
        if (db->appended_seq == 0)
                return -ENOENT;
        *ret_seq = db->appended_seq;
        memcpy(ret_hash, db->appended_hash, AUDITDB_HASH_SIZE);
        return 0;
}
