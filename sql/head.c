#include "sql/head.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/hex.h"
#include "sql/note.h"
#include "sql/rec.h"

const char *head_due(const struct keyslot *slot, int64_t seq, const char *rec, size_t length, int64_t boot_us)
{
        static const char closes[] = "{\"v\":1,\"kind\":\"close\"";
        int64_t since = boot_us - slot->head_boot_us;

        if (length >= sizeof(closes) - 1 && memcmp(rec, closes, sizeof(closes) - 1) == 0)
                return "close";
        if (seq - slot->head_seq >= HEAD_ROWS)
                return "rows";
        /* Less than nothing: there was a boot in between. */
        return since < 0 || since >= HEAD_US ? "time" : NULL;
}

static int read_signer(const char *path, char ret_text[NOTE_KEY_TEXT_SIZE])
{
        cleanup_fd int fd = -1;
        cleanup_free char *text = NULL;
        size_t length = 0;
        int r = keyfile_open(path, O_RDONLY, &fd);

        if (r == 0)
                r = fd_read_all(fd, NOTE_KEY_TEXT_SIZE - 1, &text, &length);
        if (r != 0)
                return r;
        text[strcspn(text, "\n")] = '\0';
        memcpy(ret_text, text, strlen(text) + 1);
        OPENSSL_cleanse(text, length);
        return 0;
}

static int sign(struct auditdb *db, const struct note *note, bool tell_verifier, char *ret_text, char *ret_verifier,
                struct auditdb_why *ret_why)
{
        char signer[NOTE_KEY_TEXT_SIZE];
        int r = read_signer(db->sign_path, signer);

        if (r == 0)
                r = note_sign(note, signer, ret_text);
        if (r == 0 && tell_verifier)
                r = note_verifier_of(signer, ret_verifier);
        OPENSSL_cleanse(signer, sizeof(signer));
        if (r < 0)
                return why_set(ret_why, r == -EINVAL || r == -ENOENT ? -EBADMSG : r,
                               "the signing key %s: %s; put it back, or begin anew with `diagctl key init --again`; no "
                               "session is opened until then",
                               db->sign_path, r == -EINVAL ? "not the signing key of this database" : strerror(-r));
        return 0;
}

int head_put(struct auditdb *db, struct buf *buf, const struct tail *tail, const char *reason, struct keyslot *slot,
             struct auditdb_why *ret_why)
{
        bool is_new_key = strcmp(reason, "key") == 0;
        struct note note = { .seq = tail->seq, .time_us = clock_real_us() };
        cleanup_free char *boot = NULL;
        char hash[2 * AUDITDB_HASH_SIZE + 1];
        char text[NOTE_TEXT_MOST];
        char verifier[NOTE_KEY_TEXT_SIZE];
        char host[HOST_NAME_MAX + 1] = "";
        int64_t boot_us = clock_boot_us();
        size_t length;
        int r;

        note_name(db->uuid, note.name);
        memcpy(note.hash, tail->hash, sizeof(note.hash));
        r = sign(db, &note, is_new_key, text, verifier, ret_why);
        if (r < 0)
                return r;
        if (fd_read_file("/proc/sys/kernel/random/boot_id", sizeof(text), &boot, &length) == 0)
                boot[strcspn(boot, "\n")] = '\0';
        (void)gethostname(host, sizeof(host) - 1);
        hex_print(tail->hash, sizeof(tail->hash), hash);
        r = rec_put_head(buf, &(struct rec_head){ .time_us = note.time_us,
                                                  .host = host,
                                                  .log = note.name,
                                                  .seq = tail->seq,
                                                  .hash = hash,
                                                  .reason = reason,
                                                  .boot = boot,
                                                  .boot_us = boot_us,
                                                  .verifier = is_new_key ? verifier : NULL,
                                                  .note = text });
        if (r < 0)
                return why_set(ret_why, r, "the audit database %s: a head cannot be built: %s", db->path, strerror(-r));
        slot->head_seq = tail->seq + 1;
        slot->head_boot_us = boot_us;
        return 0;
}
