#include "sql/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

void keys_clear(struct keys *keys)
{
        OPENSSL_cleanse(keys, sizeof(*keys));
}

static int why_key(const struct auditdb *db, struct auditdb_why *ret_why, int error, const char *doing)
{
        return why_set(ret_why, error, "the key file %s: %s: %s; no session is opened until then", db->key_path, doing,
                       error == -EACCES ? "it must be its owner's alone, mode 0600, and the auditor's"
                                        : strerror(-error));
}

/* Has the file that is open still its name? `key init --again` puts another one there. */
static bool is_current(const struct auditdb *db)
{
        struct stat open_file;
        struct stat named;

        return db->key_fd >= 0 && fstat(db->key_fd, &open_file) == 0 && stat(db->key_path, &named) == 0 &&
               open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

/* 0 also when there is none: db->key_fd is -1 then. */
static int open_file(struct auditdb *db, const struct tail *tail, struct auditdb_why *ret_why)
{
        int r;

        if (is_current(db))
                return 0;
        db->key_fd = fd_close(db->key_fd);
        r = keyfile_open(db->key_path, O_RDWR, &db->key_fd);
        if (r == -ENOENT && tail->has_mac)
                return why_set(ret_why, -EBADMSG,
                               "the key file %s is gone, and the rows have macs; put it back, or begin anew with "
                               "`diagctl key init --again`, which is on record; no session is opened until then",
                               db->key_path);
        if (r < 0 && r != -ENOENT)
                return why_key(db, ret_why, r, "cannot open it");
        return 0;
}

/* The statement stands on (hash, mac) of the row that the key is for. */
static int check_row(const struct auditdb *db, struct keys *keys, sqlite3_stmt *statement, struct auditdb_why *ret_why)
{
        unsigned char mac[AUDITDB_MAC_SIZE];
        const void *hash = sqlite3_column_blob(statement, 0);
        const void *stored = sqlite3_column_blob(statement, 1);
        int r;

        if (sqlite3_column_bytes(statement, 0) != AUDITDB_HASH_SIZE ||
            sqlite3_column_bytes(statement, 1) != AUDITDB_MAC_SIZE)
                return why_damaged(db, ret_why, "row %lld has no mac", (long long)keys->slot.seq);
        r = mac_make(keys->slot.key, hash, mac);
        if (r == 0 && CRYPTO_memcmp(mac, stored, sizeof(mac)) != 0)
                return why_set(ret_why, -EBADMSG,
                               "the audit database %s: row %lld was not made with the key %s: a forged row, or a key "
                               "file of another copy; find out with `diagctl verify`; no session is opened until then",
                               db->path, (long long)keys->slot.seq, db->key_path);
        if (r == 0)
                r = mac_step(keys->slot.key);
        if (r < 0)
                return why_key(db, ret_why, r, "cannot compute HMAC-SHA256");
        keys->slot.seq++;
        return 0;
}

/* A key that is behind was left so by a crash, if every mac on the way fits. */
static int mend(struct auditdb *db, struct keys *keys, int64_t last, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int r = auditdb_prepare(db, "SELECT hash, mac FROM event WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq",
                                &statement, ret_why);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, keys->slot.seq);
        (void)sqlite3_bind_int64(statement, 2, last);
        while (r == 0 && keys->slot.seq <= last) {
                int code = sqlite3_step(statement);

                if (code == SQLITE_DONE)
                        return why_damaged(db, ret_why, "row %lld is missing", (long long)keys->slot.seq);
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot read rows");
                r = check_row(db, keys, statement, ret_why);
        }
        return r;
}

int keys_begin(struct auditdb *db, const struct tail *tail, struct keys *ret_keys, struct auditdb_why *ret_why)
{
        cleanup_keys struct keys keys = { .present = true };
        int r = open_file(db, tail, ret_why);

        if (r < 0)
                return r;
        if (db->key_fd < 0) {
                ret_keys->present = false;
                return 0;
        }
        r = keyfile_read(db->key_fd, &keys.slot, &keys.newest);
        if (r < 0)
                return why_key(db, ret_why, r, "cannot read it");
        if (strcmp(keys.slot.uuid, db->uuid) != 0)
                return why_set(ret_why, -EBADMSG,
                               "the key file %s belongs to the audit database %s, and this one is %s; put the right "
                               "one back; no session is opened until then",
                               db->key_path, keys.slot.uuid, db->uuid);
        if (keys.slot.seq > tail->seq + 1)
                return why_set(ret_why, -EBADMSG,
                               "the audit database %s: rows %lld to %lld are missing, its key file has seen them: they "
                               "were cut off, or an older file was put back; find out with `diagctl verify`, then "
                               "begin anew with `diagctl key init --again`; no session is opened until then",
                               db->path, (long long)tail->seq + 1, (long long)keys.slot.seq - 1);
        r = mend(db, &keys, tail->seq, ret_why);
        if (r == 0)
                *ret_keys = keys;
        return r;
}

int keys_mac(struct auditdb *db, struct keys *keys, const unsigned char hash[AUDITDB_HASH_SIZE],
             unsigned char ret_mac[AUDITDB_MAC_SIZE], struct auditdb_why *ret_why)
{
        int r = mac_make(keys->slot.key, hash, ret_mac);

        if (r == 0)
                r = mac_step(keys->slot.key);
        if (r < 0)
                return why_key(db, ret_why, r, "cannot compute HMAC-SHA256");
        keys->slot.seq++;
        return 0;
}

int keys_commit(struct auditdb *db, const struct keys *keys, bool flush, struct auditdb_why *ret_why)
{
        unsigned at = (keys->newest + 1) % KEYSLOT_COUNT;
        int r = keyfile_write(db->key_fd, &keys->slot, at);

        if (r == 0 && flush && fdatasync(db->key_fd) < 0)
                r = -errno;
        /* What this starts is finished by the kernel sooner or later in any case: its failure says nothing more. */
        if (r == 0 && !flush)
                (void)sync_file_range(db->key_fd, (off_t)at * KEYSLOT_SIZE, KEYSLOT_SIZE, SYNC_FILE_RANGE_WRITE);
        return r < 0 ? why_key(db, ret_why, r, "the record is stored, but the key cannot be moved") : 0;
}
