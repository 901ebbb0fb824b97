#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "sql/verify_state.h"

/* A copy (`diagctl snapshot`) has no key file beside it, and is not in WAL mode as a database in use is. */
static int without_file(struct verify *verify, int error)
{
        int64_t live = 0;
        int64_t macs = 0;
        int r = auditdb_integer(verify->db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &live, verify->why);

        if (r == 0)
                r = auditdb_integer(verify->db,
                                    "SELECT coalesce((SELECT mac IS NOT NULL FROM event ORDER BY seq DESC LIMIT 1), 0)",
                                    &macs, verify->why);
        if (r < 0 || (error == -ENOENT && macs == 0))
                return r;
        if (error == -ENOENT && live != 0)
                verify_say(
                        verify, VERIFY_KEY_GONE, 0, 0,
                        "the key file %s is gone, and the rows have macs: whether the tail was cut off cannot be seen",
                        verify->db->key_path);
        else
                verify_say(verify, VERIFY_NOTE_KEY_UNSEEN, 0, 0,
                           "the key file %s: %s: whether the tail was cut off only heads can show",
                           verify->db->key_path, strerror(-error));
        return 0;
}

/* Before the first row is read: a row that is committed meanwhile is newer than the key, never older. */
int verify_key_begin(struct verify *verify)
{
        cleanup_fd int fd = -1;
        unsigned newest = 0;
        int r = keyfile_open(verify->db->key_path, O_RDONLY, &fd);

        if (r == 0) {
                r = keyfile_read(fd, &verify->file, &newest);
                if (r < 0) {
                        verify_say(verify, VERIFY_KEY_FOREIGN, 0, 0, "the key file %s holds no key: overwritten",
                                   verify->db->key_path);
                        return 0;
                }
        }
        if (r < 0)
                return without_file(verify, r);
        if (strcmp(verify->file.uuid, verify->db->uuid) != 0) {
                verify_say(verify, VERIFY_KEY_FOREIGN, 0, 0,
                           "the key file %s is of the audit database %s, not of this one", verify->db->key_path,
                           verify->file.uuid);
                return 0;
        }
        verify->file_present = true;
        verify->file_seq = verify->file.seq;
        return 0;
}

/* The key file's key must be what the first key becomes there. */
static void compare(struct verify *verify)
{
        if (verify->from == NULL || verify->key_seq != verify->file_seq)
                return;
        if (CRYPTO_memcmp(verify->key, verify->file.key, sizeof(verify->key)) != 0)
                verify_say(verify, VERIFY_KEY_FOREIGN, 0, 0,
                           "the key file %s does not follow from the first key: it was replaced", verify->db->key_path);
}

/* Rows that the file has not seen, but should have made. */
int verify_key_row(struct verify *verify, const struct verify_row *row)
{
        unsigned char mac[AUDITDB_MAC_SIZE];
        int r;

        if (!verify->file_present || row->seq < verify->file_seq)
                return 0;
        if (row->seq == verify->file_seq)
                compare(verify);
        if (row->seq - verify->file.seq > VERIFY_STEPS_OVER_GAP) {
                verify_say(verify, VERIFY_KEY_FOREIGN, verify->file.seq, row->seq,
                           "the key file %s cannot be followed from row %lld to row %lld: too many rows are missing",
                           verify->db->key_path, (long long)verify->file.seq, (long long)row->seq);
                verify->file_present = false;
                return 0;
        }
        while (verify->file.seq < row->seq) { /* over rows that are missing */
                (void)mac_step(verify->file.key);
                verify->file.seq++;
        }
        r = mac_make(verify->file.key, row->hash, mac);
        if (r < 0)
                return why_errno(verify->db, verify->why, r, "cannot compute HMAC-SHA256");
        if (row->mac == NULL || memcmp(mac, row->mac, sizeof(mac)) != 0)
                verify_run_add(verify, VERIFY_KEY_FOREIGN, row->seq);
        return 0;
}

int verify_key_end(struct verify *verify)
{
        int64_t after = verify->seq + 1;

        if (!verify->file_present)
                return 0;
        if (verify->file_seq > after) {
                verify_say(verify, VERIFY_KEY_AHEAD, after, verify->file_seq - 1,
                           "rows %lld to %lld are missing at the end, the key file has seen them: the tail was cut "
                           "off, rows were "
                           "taken out and the rest renumbered, or an older file was put back",
                           (long long)after, (long long)verify->file_seq - 1);
                return 0;
        }
        if (verify->file_seq == after && verify->from != NULL && verify->key_seq == verify->seq) {
                int r = mac_step(verify->key);

                if (r < 0)
                        return why_errno(verify->db, verify->why, r, "cannot compute HMAC-SHA256");
                verify->key_seq++;
                compare(verify);
        }
        if (verify->file_seq < after)
                verify_say(verify, VERIFY_NOTE_KEY_BEHIND, verify->file_seq, verify->seq,
                           "the key file is %lld rows behind: rows were written meanwhile, or a crash; the next row "
                           "mends it",
                           (long long)(after - verify->file_seq));
        return 0;
}
