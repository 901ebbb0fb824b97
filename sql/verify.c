#include "sql/verify.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "sql/verify_state.h"

enum { BATCH_ROWS = 1000, TRIES = 4 };

static const unsigned char nothing[AUDITDB_HASH_SIZE];

static int take_row(struct verify *verify, sqlite3_stmt *statement)
{
        const unsigned char *hash = sqlite3_column_blob(statement, 2);
        bool has_mac = sqlite3_column_type(statement, 3) != SQLITE_NULL;
        struct verify_row row = {
                .seq = sqlite3_column_int64(statement, 0),
                .rec = (const char *)sqlite3_column_text(statement, 1),
                .length = (size_t)sqlite3_column_bytes(statement, 1),
                .hash = hash != NULL && sqlite3_column_bytes(statement, 2) == AUDITDB_HASH_SIZE ? hash : nothing,
                .mac = has_mac ? sqlite3_column_blob(statement, 3) : NULL,
                .time_us = sqlite3_column_int64(statement, 4),
                .kind = (const char *)sqlite3_column_text(statement, 5),
        };

        /* What is not whole is none: it does not fit then. */
        if (has_mac && sqlite3_column_bytes(statement, 3) != AUDITDB_MAC_SIZE)
                row.mac = nothing;
        if (row.rec == NULL)
                row.rec = "";
        if (row.kind == NULL)
                row.kind = "";
        return verify_row(verify, &row);
}

/* *ret_more: there may be further rows. */
static int walk_batch(struct verify *verify, sqlite3_stmt *statement, bool *ret_more)
{
        struct auditdb *db = verify->db;
        struct anchor anchor = { 0 };
        size_t n = 0;
        int r = identity_check(db, verify->why);

        if (r == 0)
                r = anchor_read(db, &anchor, verify->why);
        if (r < 0)
                return r;
        if (anchor.seq != verify->anchor.seq)
                return -EAGAIN;
        (void)sqlite3_reset(statement);
        (void)sqlite3_bind_int64(statement, 1, verify->seq);
        (void)sqlite3_bind_int64(statement, 2, BATCH_ROWS);
        for (; r == 0; n++) {
                int code = sqlite3_step(statement);

                if (code == SQLITE_DONE)
                        break;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, verify->why, code, "cannot read rows");
                r = take_row(verify, statement);
        }
        *ret_more = n == BATCH_ROWS;
        return r;
}

/* The anchor and the rows of a batch are of one snapshot, so that a prune in between is seen and not taken for an attack. */
static int walk(struct verify *verify)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        struct auditdb *db = verify->db;
        bool more = true;
        int r = auditdb_prepare(
                db, "SELECT seq, rec, hash, mac, time, kind FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                &statement, verify->why);

        while (r == 0 && more) {
                r = auditdb_execute(db, "BEGIN", verify->why);
                if (r < 0)
                        return r;
                r = walk_batch(verify, statement, &more);
                (void)sqlite3_reset(statement);
                (void)sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL);
        }
        return r;
}

static int begin(struct verify *verify)
{
        int r = verify_key_begin(verify);

        if (r == 0)
                r = anchor_read(verify->db, &verify->anchor, verify->why);
        if (r == 0)
                r = verify_heads_begin(verify);
        if (r == 0)
                r = verify_mac_anchor(verify);
        if (r < 0)
                return r;
        verify->seq = verify->anchor.seq;
        memcpy(verify->hash, verify->anchor.hash, sizeof(verify->hash));
        verify->has_mac = verify->anchor.has_mac;
        verify->anchor_named = verify->anchor.seq == 0 && !verify->anchor.has_mac &&
                               memcmp(verify->anchor.hash, nothing, sizeof(nothing)) == 0;
        if (verify->anchor.seq > 0)
                verify_heads_row(verify, verify->anchor.seq, verify->anchor.hash);
        return 0;
}

/* AUTOINCREMENT's own count: what was cut off by hand is seen by it, unless that hand knew of it. Rows that go before the anchor are
 * seen here, too: nothing else looks there. */
static int check_numbers(struct verify *verify)
{
        int64_t missing = 0;
        int64_t before = 0;
        int r = auditdb_integer(verify->db,
                                "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) - "
                                "coalesce((SELECT max(seq) FROM event), 0)",
                                &missing, verify->why);

        if (r == 0)
                r = auditdb_integer(verify->db, "SELECT count(*) FROM event WHERE seq <= (SELECT seq FROM anchor)",
                                    &before, verify->why);
        if (r < 0)
                return r;
        if (missing < 0)
                verify_say(verify, VERIFY_CUT, verify->seq + missing + 1, verify->seq,
                           "the database has counted %lld rows less than are here: its count was set back",
                           (long long)-missing);
        if (missing > 0)
                verify_say(verify, VERIFY_CUT, verify->seq + 1, verify->seq + missing,
                           "the database has counted %lld rows more than are here: the tail was cut off",
                           (long long)missing);
        if (before != 0)
                verify_say(verify, VERIFY_ANCHOR, 0, 0, "%lld rows lie before the anchor: they were put there",
                           (long long)before);
        return 0;
}

static void end_runs(struct verify *verify, int count)
{
        for (int kind = 0; kind < count; kind++)
                verify_run_end(verify, (enum verify_kind)kind);
}

static int end(struct verify *verify)
{
        int r;

        end_runs(verify, VERIFY_KIND_COUNT);
        r = verify_key_end(verify);
        verify_heads_end(verify);
        if (r == 0)
                r = check_numbers(verify);
        if (!verify->anchor_named)
                verify_say(verify, VERIFY_ANCHOR, verify->prune_seq, verify->prune_seq,
                           "the newest prune row does not name the anchor, row %lld: one of them is forged",
                           (long long)verify->anchor.seq);
        verify->result.anchor = verify->anchor.seq;
        verify->result.last = verify->seq;
        memcpy(verify->result.hash, verify->hash, sizeof(verify->hash));
        return r;
}

static void clear(struct verify *verify)
{
        free(verify->heads.notes);
        OPENSSL_cleanse(verify, sizeof(*verify));
}

int auditdb_verify_with(struct auditdb *db, const struct verify_witnesses *witnesses,
                        void (*found)(void *context, const struct verify_finding *finding), void *context,
                        struct verify_result *ret_result, struct auditdb_why *ret_why)
{
        uint64_t broken = 0;
        int r = -EAGAIN;

        for (int try = 0; r == -EAGAIN && try < TRIES; try++) {
                struct verify verify = { .db = db,
                                         .witnesses = witnesses,
                                         .found = found,
                                         .context = context,
                                         .why = ret_why,
                                         .result = { .broken = broken } };

                r = begin(&verify);
                if (r == 0)
                        r = walk(&verify);
                if (r == 0)
                        r = end(&verify);
                if (r == 0)
                        *ret_result = verify.result;
                /* What was broken stays so, also when the next look finds it pruned. */
                if (r == -EAGAIN)
                        end_runs(&verify, VERIFY_BROKEN_COUNT);
                broken = verify.result.broken;
                clear(&verify);
        }
        return r == -EAGAIN ? why_set(ret_why, r, "the audit database %s: it is being pruned; try again", db->path) : r;
}
