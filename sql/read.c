#include <errno.h>
#include <string.h>

#include "sql/chain.h"
#include "sql/internal.h"

enum { VERIFY_BATCH = 1000 };

typedef int row_function(void *context, const struct auditdb_row *row);

static int call_row(const struct auditdb *db, sqlite3_stmt *statement, row_function *row, void *context,
                    struct auditdb_why *ret_why)
{
        struct auditdb_row one = {
                .seq = sqlite3_column_int64(statement, 0),
                .rec = (const char *)sqlite3_column_text(statement, 1),
                .rec_length = (size_t)sqlite3_column_bytes(statement, 1),
                .hash = sqlite3_column_blob(statement, 2),
        };

        if (one.rec == NULL || one.hash == NULL || sqlite3_column_bytes(statement, 2) != AUDITDB_HASH_SIZE)
                return why_damaged(db, ret_why, "row %lld is not whole", (long long)one.seq);
        return row(context, &one);
}

static int walk(struct auditdb *db, sqlite3_stmt *statement, row_function *row, void *context,
                struct auditdb_why *ret_why)
{
        for (;;) {
                int code = sqlite3_step(statement);
                int r;

                if (code == SQLITE_DONE)
                        return 0;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot read rows");
                r = call_row(db, statement, row, context, ret_why);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}

static int64_t limit_of(size_t most)
{
        return most > INT64_MAX ? INT64_MAX : (int64_t)most;
}

int auditdb_each(struct auditdb *db, int64_t after, size_t most, row_function *row, void *context,
                 struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *range = NULL;
        int r;

        r = identity_check(db, ret_why);
        if (r < 0)
                return r;
        r = auditdb_prepare(db, "SELECT seq, rec, hash FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2", &db->range,
                            ret_why);
        if (r < 0)
                return r;
        range = db->range;
        (void)sqlite3_bind_int64(range, 1, after);
        (void)sqlite3_bind_int64(range, 2, limit_of(most));
        return walk(db, range, row, context, ret_why);
}

int auditdb_last(struct auditdb *db, size_t most, row_function *row, void *context, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int r;

        r = identity_check(db, ret_why);
        if (r < 0)
                return r;
        r = auditdb_prepare(db,
                            "SELECT seq, rec, hash FROM event WHERE seq > "
                            "(SELECT coalesce(max(seq), 0) FROM event) - ?1 ORDER BY seq",
                            &statement, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, limit_of(most));
        return walk(db, statement, row, context, ret_why);
}

struct verify {
        struct auditdb *db;
        struct auditdb_why *why;
        int64_t seq; /* of the last row that fits */
        int64_t wrong;
        unsigned char hash[CHAIN_HASH_SIZE];
};

static int verify_row(void *context, const struct auditdb_row *row)
{
        struct verify *verify = context;
        int r;

        if (row->seq != verify->seq + 1) {
                verify->wrong = row->seq;
                return why_damaged(verify->db, verify->why, "row %lld follows row %lld: rows were removed",
                                   (long long)row->seq, (long long)verify->seq);
        }
        r = chain_next(verify->hash, row->rec, row->rec_length, verify->hash);
        if (r < 0)
                return why_errno(verify->db, verify->why, r, "cannot compute SHA3-256");
        if (memcmp(verify->hash, row->hash, CHAIN_HASH_SIZE) != 0) {
                verify->wrong = row->seq;
                return why_damaged(verify->db, verify->why,
                                   "row %lld does not fit its hash: it, or the row before, was changed",
                                   (long long)row->seq);
        }
        verify->seq = row->seq;
        return 0;
}

/* From the anchor, which is row 0 until something is pruned. In batches, each its own read transaction: a reader that stays for minutes would keep the write-ahead log from being
 * used again, and it would grow. */
int auditdb_verify(struct auditdb *db, int64_t *ret_seq, struct auditdb_why *ret_why)
{
        struct verify verify = { .db = db, .why = ret_why };
        struct anchor anchor = { 0 };
        int64_t before;
        int r = anchor_read(db, &anchor, ret_why);

        if (r < 0)
                return r;
        verify.seq = anchor.seq;
        memcpy(verify.hash, anchor.hash, sizeof(verify.hash));
        do {
                before = verify.seq;
                r = auditdb_each(db, verify.seq, VERIFY_BATCH, verify_row, &verify, ret_why);
        } while (r == 0 && verify.seq != before);
        if (r == 0)
                r = auditdb_check_content(db, ret_why);
        if (r == 0 || r == -EBADMSG)
                *ret_seq = verify.wrong != 0 ? verify.wrong : verify.seq + (r < 0);
        return r;
}
