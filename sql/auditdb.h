/* The audit database: one append-only table of records, each chained to the one before.
 *
 * Linked by: diag-supervisor, diag-ship, diagctl. Nothing else in the tree touches SQLite.
 *
 * A record is one JSON object (rec.h). hash_n = SHA3-256(hash_{n-1} || rec_n), hash_0 = 32 zero bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auditdb;

enum auditdb_mode {
        AUDITDB_WRITE, /* makes the database when its directory is there; one connection per process */
        AUDITDB_READ, /* never writes, never checkpoints, never creates */
        AUDITDB_READ_ANY, /* the same, and the rows may be damaged: for whoever looks for the damage */
};

enum {
        AUDITDB_HASH_SIZE = 32,
        AUDITDB_MAC_SIZE = 32,
        AUDITDB_WHY_SIZE = 512,
        AUDITDB_UUID_SIZE = 37,
        AUDITDB_REC_MOST = 2 * 1024 *
                           1024, /* bytes of one record: a line of 128 KiB, every byte escaped, with its argv */
};

/* One line for a person: what failed, on which file, what to do. */
struct auditdb_why {
        char text[AUDITDB_WHY_SIZE];
};

/* 0, or -errno with *ret_why filled in: -ENOENT no such file or directory, -EACCES, -EROFS, -ENOSPC, -EBADMSG not an
 * audit database or damaged, -EPROTO made by a newer version (or by an older one, when only reading), -EBUSY locked for
 * longer than the bound, -ESTALE deleted or replaced while open, -EIO the rest.
 *
 * What is checked: the header, the version, the name, the last row's hash, and that no row is missing after it; nothing
 * that takes longer on a larger file. The connection must not be carried across fork(2)
 * (sqlite.org/howtocorrupt.html). */
int auditdb_open(const char *path, enum auditdb_mode mode, struct auditdb **ret_db, struct auditdb_why *ret_why);
void auditdb_free(struct auditdb *db);
static inline void auditdb_free_at(struct auditdb **db)
{
        auditdb_free(*db);
}
#define cleanup_auditdb __attribute__((cleanup(auditdb_free_at)))

/* Name of this database for all time (random UUID, text), chosen when it was made. */
const char *auditdb_uuid(const struct auditdb *db);

/* How long an append waits for other writers before -EBUSY; 5000 at first. */
void auditdb_set_bound(struct auditdb *db, unsigned milliseconds);

/* How much of the file SQLite may keep in memory; 1 MiB at first. Who reads it once, from front to back, needs little. */
void auditdb_set_cache(struct auditdb *db, unsigned kibibytes);

/* Commits one record durably (WAL, synchronous=FULL, under the outer lock) before it returns 0. *ret_seq may be NULL.
 *
 * On failure nothing is stored, with one exception: when the disk fails to flush (-EIO), the row may be found again
 * after a restart. So there may be a record without its command, never a command without its record.
 * -EINVAL when the record is not one line of JSON that begins as rec.h writes it, -EMSGSIZE when it is too long, -ESTALE
 * when the file (or its -wal or -shm) was deleted or replaced under the open connection; the rest as for auditdb_open. */
int auditdb_append(struct auditdb *db, const char *rec, size_t length, int64_t *ret_seq, struct auditdb_why *ret_why);

/* The last row that this connection has appended, and its hash. -ENOENT: none yet. */
int auditdb_appended(const struct auditdb *db, int64_t *ret_seq, unsigned char ret_hash[AUDITDB_HASH_SIZE]);

/* One committed row. Pointers are good until the callback returns. */
struct auditdb_row {
        int64_t seq;
        const char *rec;
        size_t rec_length;
        const unsigned char *hash; /* AUDITDB_HASH_SIZE bytes */
};

/* Calls back for rows with seq > after, in order, at most `most`; a callback that returns non-zero ends the walk, and
 * that value is returned (negative) or 0 (positive). The read transaction ends before this function returns. */
int auditdb_each(struct auditdb *db, int64_t after, size_t most,
                 int (*row)(void *context, const struct auditdb_row *row), void *context, struct auditdb_why *ret_why);

/* The last `most` rows, oldest first. */
int auditdb_last(struct auditdb *db, size_t most, int (*row)(void *context, const struct auditdb_row *row),
                 void *context, struct auditdb_why *ret_why);

/* Recomputes the chain from the anchor to the last row. *ret_seq is the first row that does not fit when -EBADMSG comes
 * back, else the last row. */
int auditdb_verify(struct auditdb *db, int64_t *ret_seq, struct auditdb_why *ret_why);
