/* The key of the macs, as a writer uses it. All under the outer lock.
 *
 * Linked by: diag-supervisor, diagctl; included by sql/ only.
 *
 * Order, and what is flushed: the row is committed (WAL, fdatasync), then the key that comes next is written over the one before
 * the last. That write is only started (sync_file_range), not waited for:
 *  - a process that is killed in between leaves a key that is one transaction behind; a power cut leaves one that is as far behind
 *    as the disk was. Both are mended: the key is moved forward, and every mac on the way must fit.
 *  - it is never ahead: it is written after the commit has come back durable. A key that is ahead means that rows are gone.
 * What waits for the disk is an attacker's gain, not a record's loss: the old key can be read from the disk until the write gets
 * there, which is at once, and at each head row it is waited for (fdatasync).
 */
#pragma once

#include "sql/internal.h"
#include "sql/keyslot.h"

struct tail {
        int64_t seq; /* 0: no row */
        unsigned char hash[AUDITDB_HASH_SIZE];
        bool has_mac;
};

struct keys {
        bool present; /* false: rows go without a mac, as this host has no key yet */
        unsigned newest; /* slot of the file */
        struct keyslot slot;
};
void keys_clear(struct keys *keys);
#define cleanup_keys __attribute__((cleanup(keys_clear)))

/* Reads the key for the row after `tail`, mended if it is behind. -EBADMSG when the key file is gone, of another database, ahead, or
 * not what made the rows. Inside a transaction. */
int keys_begin(struct auditdb *db, const struct tail *tail, struct keys *ret_keys, struct auditdb_why *ret_why);

/* The mac of the row, and the key steps on, in memory. */
int keys_mac(struct auditdb *db, struct keys *keys, const unsigned char hash[AUDITDB_HASH_SIZE],
             unsigned char ret_mac[AUDITDB_MAC_SIZE], struct auditdb_why *ret_why);

/* After the commit: writes the key. */
int keys_commit(struct auditdb *db, const struct keys *keys, bool flush, struct auditdb_why *ret_why);

/* keyfile.c: the file itself. `fd` is the key file's. -EBADMSG when no slot is whole. */
int keyfile_read(int fd, struct keyslot *ret_slot, unsigned *ret_newest);
int keyfile_write(int fd, const struct keyslot *slot, unsigned at);
/* O_RDWR or O_RDONLY. -ENOENT, -EACCES when others than its owner may open it, -EBADMSG when it is no file. */
int keyfile_open(const char *path, int flags, int *ret_fd);
/* Makes or replaces a whole private file durably; what an older one held is overwritten first. */
int keyfile_replace(const char *path, const void *bytes, size_t length);
