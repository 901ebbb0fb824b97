#include "sql/keyinit.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "sql/append.h"
#include "sql/lock.h"

static int check_none(const struct auditdb *db, struct auditdb_why *ret_why)
{
        if (access(db->key_path, F_OK) < 0 && errno == ENOENT)
                return 0;
        return why_set(ret_why, -EEXIST,
                       "the key file %s is there already; `diagctl key init --again` begins anew: rows that are there "
                       "can be verified with the first key of before only",
                       db->key_path);
}

static int why_file(struct auditdb_why *ret_why, int error, const char *path)
{
        return why_set(ret_why, error, "cannot write %s: %s", path, strerror(-error));
}

static int draw(const struct auditdb *db, int64_t seq, struct keyinit *keys, char signer[NOTE_KEY_TEXT_SIZE],
                struct auditdb_why *ret_why)
{
        char name[NOTE_NAME_SIZE];
        int r = 0;

        keys->first.seq = seq;
        memcpy(keys->first.uuid, db->uuid, sizeof(keys->first.uuid));
        if (getrandom(keys->first.key, MAC_KEY_SIZE, 0) != MAC_KEY_SIZE)
                r = -EIO;
        note_name(db->uuid, name);
        if (r == 0)
                r = note_make_key(name, signer, keys->verifier);
        return r < 0 ? why_set(ret_why, r, "cannot draw a key: %s", strerror(-r)) : 0;
}

/* The signing key first: the key file is what makes writers look for either. */
static int write_files(const struct auditdb *db, const struct keyinit *keys, const char *signer,
                       struct auditdb_why *ret_why)
{
        unsigned char bytes[KEYSLOT_COUNT * KEYSLOT_SIZE] = { 0 };
        struct keyslot slot = { .seq = keys->first.seq };
        char line[NOTE_KEY_TEXT_SIZE + 1];
        int r;

        (void)snprintf(line, sizeof(line), "%s\n", signer);
        memcpy(slot.uuid, keys->first.uuid, sizeof(slot.uuid));
        memcpy(slot.key, keys->first.key, sizeof(slot.key));
        r = keyfile_replace(db->sign_path, line, strlen(line));
        if (r < 0)
                r = why_file(ret_why, r, db->sign_path);
        if (r == 0) {
                r = keyslot_print(&slot, bytes);
                if (r == 0)
                        r = keyfile_replace(db->key_path, bytes, sizeof(bytes));
                if (r < 0)
                        r = why_file(ret_why, r, db->key_path);
        }
        OPENSSL_cleanse(bytes, sizeof(bytes));
        OPENSSL_cleanse(&slot, sizeof(slot));
        OPENSSL_cleanse(line, sizeof(line));
        return r;
}

static int last_seq(struct auditdb *db, int64_t *ret_seq, struct auditdb_why *ret_why)
{
        return auditdb_integer(db, "SELECT coalesce((SELECT seq FROM event ORDER BY seq DESC LIMIT 1), 0)", ret_seq,
                               ret_why);
}

/* Under the lock, so that no row comes between the number and the key. */
static int make_locked(struct auditdb *db, bool again, struct keyinit *keys, struct auditdb_why *ret_why)
{
        char signer[NOTE_KEY_TEXT_SIZE];
        int64_t last = 0;
        int r = again ? 0 : check_none(db, ret_why);

        if (r == 0)
                r = last_seq(db, &last, ret_why);
        if (r == 0)
                r = draw(db, last + 1, keys, signer, ret_why);
        if (r == 0)
                r = write_files(db, keys, signer, ret_why);
        OPENSSL_cleanse(signer, sizeof(signer));
        return r;
}

int auditdb_make_keys(struct auditdb *db, bool again, struct keyinit *ret_keys, struct auditdb_why *ret_why)
{
        struct keyinit keys = { .verifier = "" };
        struct append append;
        int r = lock_take(db, ret_why);

        if (r < 0)
                return r;
        r = make_locked(db, again, &keys, ret_why);
        lock_drop(db);
        /* Whoever writes before this does so with the key already. */
        if (r == 0)
                r = append_begin(db, &append, ret_why);
        if (r == 0)
                r = append_end(&append, append_put_head(&append, "key", ret_why), ret_why);
        if (r == 0)
                *ret_keys = keys;
        OPENSSL_cleanse(&keys, sizeof(keys));
        return r;
}
