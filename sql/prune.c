#include "sql/prune.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/hex.h"
#include "sql/append.h"
#include "sql/rec.h"

/* What one chunk takes away. */
struct chunk {
        int64_t first;
        int64_t last; /* less than `first`: nothing */
        int64_t oldest_us;
        int64_t newest_us;
        unsigned char hash[AUDITDB_HASH_SIZE];
        unsigned char mac[AUDITDB_MAC_SIZE];
        bool has_mac;
        const char *reason;
};

/* Free pages are used again before the file grows: they take no room. */
int auditdb_size(struct auditdb *db, uint64_t *ret_bytes, struct auditdb_why *ret_why)
{
        int64_t bytes = 0;
        int r = auditdb_integer(db,
                                "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                                "pragma_freelist_count, pragma_page_size",
                                &bytes, ret_why);

        if (r == 0)
                *ret_bytes = (uint64_t)bytes;
        return r;
}

/* The last row of the prefix that is old enough. */
static int find_age(struct auditdb *db, const struct prune *prune, int64_t first, int64_t last, int64_t *ret_last,
                    struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r = auditdb_prepare(
                db, "SELECT seq FROM event WHERE seq >= ?1 AND seq <= ?2 AND time >= ?3 ORDER BY seq LIMIT 1",
                &statement, ret_why);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, first);
        (void)sqlite3_bind_int64(statement, 2, last);
        (void)sqlite3_bind_int64(statement, 3, prune->before_us);
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read rows");
        *ret_last = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) - 1 : last;
        return 0;
}

/* The rows from `first`, by age or else by size; chunk->last is set, and the reason. */
static int choose(struct auditdb *db, const struct prune *prune, int64_t last, struct chunk *chunk,
                  struct prune_result *result, struct auditdb_why *ret_why)
{
        int64_t end = chunk->first - 1 + (int64_t)prune->chunk;
        int r = auditdb_size(db, &result->size, ret_why);

        if (end > last)
                end = last;
        chunk->last = chunk->first - 1;
        chunk->reason = "age";
        if (r == 0 && prune->before_us > 0)
                r = find_age(db, prune, chunk->first, end, &chunk->last, ret_why);
        if (r < 0)
                return r;
        if (chunk->last < chunk->first && prune->size_most > 0 && result->size > prune->size_most) {
                chunk->last = end;
                chunk->reason = "size";
        }
        /* What is left is wanted gone and may not go. */
        if (chunk->last > prune->through) {
                chunk->last = prune->through;
                result->stopped = true;
        }
        if (prune->spare > 0 && chunk->last >= prune->spare)
                chunk->last = prune->spare - 1;
        return 0;
}

static int read_last(struct auditdb *db, struct chunk *chunk, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r = auditdb_prepare(
                db, "SELECT hash, mac, time, (SELECT time FROM event WHERE seq = ?2) FROM event WHERE seq = ?1",
                &statement, ret_why);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, chunk->last);
        (void)sqlite3_bind_int64(statement, 2, chunk->first);
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read rows");
        if (code == SQLITE_DONE || sqlite3_column_bytes(statement, 0) != AUDITDB_HASH_SIZE)
                return why_damaged(db, ret_why, "row %lld is missing or not whole", (long long)chunk->last);
        memcpy(chunk->hash, sqlite3_column_blob(statement, 0), AUDITDB_HASH_SIZE);
        chunk->has_mac = sqlite3_column_bytes(statement, 1) == AUDITDB_MAC_SIZE;
        if (chunk->has_mac)
                memcpy(chunk->mac, sqlite3_column_blob(statement, 1), AUDITDB_MAC_SIZE);
        chunk->newest_us = sqlite3_column_int64(statement, 2);
        chunk->oldest_us = sqlite3_column_int64(statement, 3);
        return 0;
}

static int put_row(struct append *append, const struct prune *prune, const struct chunk *chunk,
                   struct auditdb_why *ret_why)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        char hash[2 * AUDITDB_HASH_SIZE + 1];
        char mac[2 * AUDITDB_MAC_SIZE + 1];
        char host[HOST_NAME_MAX + 1] = "";
        int r;

        (void)gethostname(host, sizeof(host) - 1);
        hex_print(chunk->hash, sizeof(chunk->hash), hash);
        hex_print(chunk->mac, sizeof(chunk->mac), mac);
        r = rec_put_prune(&rec, &(struct rec_prune){ .time_us = clock_real_us(),
                                                     .host = host,
                                                     .first = chunk->first,
                                                     .anchor_seq = chunk->last,
                                                     .anchor_hash = hash,
                                                     .anchor_mac = chunk->has_mac ? mac : NULL,
                                                     .oldest_us = chunk->oldest_us,
                                                     .newest_us = chunk->newest_us,
                                                     .reason = chunk->reason,
                                                     .sinks = prune->sinks,
                                                     .uid = prune->uid,
                                                     .auid = prune->auid });
        if (r < 0)
                return why_set(ret_why, r, "the audit database %s: a prune row cannot be built: %s", append->db->path,
                               strerror(-r));
        return append_put(append, rec.data, rec.length, ret_why);
}

static int run(struct auditdb *db, const char *sql, const struct chunk *chunk, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r = auditdb_prepare(db, sql, &statement, ret_why);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, chunk->last);
        if (sqlite3_bind_parameter_count(statement) == 3) {
                (void)sqlite3_bind_blob(statement, 2, chunk->hash, AUDITDB_HASH_SIZE, SQLITE_STATIC);
                if (chunk->has_mac)
                        (void)sqlite3_bind_blob(statement, 3, chunk->mac, AUDITDB_MAC_SIZE, SQLITE_STATIC);
        }
        code = sqlite3_step(statement);
        return code == SQLITE_DONE ? 0 : why_sqlite(db, ret_why, code, "cannot remove rows");
}

/* Inside of the transaction. *ret_rows is 0 when nothing was left to do. */
static int prune_chunk(struct append *append, const struct prune *prune, int64_t newest, struct prune_result *result,
                       int64_t *ret_rows, struct auditdb_why *ret_why)
{
        struct auditdb *db = append->db;
        struct anchor anchor = { 0 };
        struct chunk chunk = { .first = 0 };
        int r = anchor_read(db, &anchor, ret_why);

        if (r < 0)
                return r;
        result->anchor = anchor.seq;
        chunk.first = anchor.seq + 1;
        r = choose(db, prune, newest, &chunk, result, ret_why);
        if (r < 0 || chunk.last < chunk.first)
                return r;
        r = read_last(db, &chunk, ret_why);
        if (r == 0)
                r = put_row(append, prune, &chunk, ret_why);
        if (r == 0)
                r = run(db, "UPDATE anchor SET seq = ?1, hash = ?2, mac = ?3", &chunk, ret_why);
        if (r == 0)
                r = run(db, "DELETE FROM event WHERE seq <= ?1", &chunk, ret_why);
        if (r == 0)
                *ret_rows = chunk.last - chunk.first + 1;
        return r;
}

int auditdb_prune(struct auditdb *db, const struct prune *prune, struct prune_result *result,
                  struct auditdb_why *ret_why)
{
        int64_t newest = 0;
        int64_t rows;

        do {
                struct append append;
                int64_t start;
                int64_t held;
                int r = append_begin(db, &append, ret_why);

                if (r < 0)
                        return r;
                start = clock_monotonic_us();
                rows = 0;
                /* No row of its own: pruning for size would never end. */
                if (newest == 0)
                        newest = append.tail.seq;
                r = prune_chunk(&append, prune, newest, result, &rows, ret_why);
                r = append_end(&append, r, ret_why);
                if (r < 0)
                        return r;
                result->rows += rows;
                result->anchor += rows;
                held = clock_monotonic_us() - start;
                if (rows > 0)
                        (void)nanosleep(
                                &(struct timespec){ .tv_sec = held / 1000000, .tv_nsec = held % 1000000 * 1000 }, NULL);
        } while (rows > 0 && !result->stopped);
        return auditdb_size(db, &result->size, ret_why);
}
