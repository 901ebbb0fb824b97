#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "sql/verify_state.h"

struct gathering {
        struct verify *verify;
        struct firstkeys own; /* when nothing else is there to check by */
        const struct firstkeys *by;
        int error;
};

static const struct note_verifier *find_verifier(const struct firstkeys *by, const unsigned char *id)
{
        for (size_t i = 0; i < by->verifier_count; i++)
                if (memcmp(by->verifiers[i].id, id, NOTE_ID_SIZE) == 0)
                        return &by->verifiers[i];
        return NULL;
}

static int keep(struct verify_heads *heads, const struct note *note)
{
        if (heads->count == heads->size) {
                size_t size = heads->size > 0 ? 2 * heads->size : 64;
                struct note *notes = reallocarray(heads->notes, size, sizeof(*notes));

                if (notes == NULL)
                        return -ENOMEM;
                heads->notes = notes;
                heads->size = size;
        }
        heads->notes[heads->count++] = *note;
        return 0;
}

static int take(void *context, const struct note_found *found)
{
        struct gathering *gathering = context;
        const struct note_verifier *verifier = find_verifier(gathering->by, found->id);

        if (verifier != NULL && note_check(&found->note, found->signature, verifier))
                return keep(&gathering->verify->heads, &found->note);
        verify_say(gathering->verify, VERIFY_HEAD_FORGED, found->note.seq, found->note.seq,
                   "the head of row %lld that was kept elsewhere is %s", (long long)found->note.seq,
                   verifier == NULL ? "signed by another key than the verifier's: forged, or of another key init"
                                    : "not as it was signed: altered");
        return 0;
}

static int compare(const void *a, const void *b)
{
        const struct note *left = a;
        const struct note *right = b;

        return (left->seq > right->seq) - (left->seq < right->seq);
}

/* The host's own key is the last resort: who has the host may have put another one there. */
static int own_verifier(struct verify *verify, struct firstkeys *own)
{
        cleanup_fd int fd = -1;
        cleanup_free char *text = NULL;
        char verifier[NOTE_KEY_TEXT_SIZE];
        size_t length = 0;
        int r = keyfile_open(verify->db->sign_path, O_RDONLY, &fd);

        if (r == 0)
                r = fd_read_all(fd, NOTE_KEY_TEXT_SIZE, &text, &length);
        if (r != 0)
                return -ENOKEY;
        text[strcspn(text, "\n")] = '\0';
        r = note_verifier_of(text, verifier);
        OPENSSL_cleanse(text, length);
        if (r < 0 || note_parse_verifier(verifier, &own->verifiers[0]) < 0)
                return -ENOKEY;
        own->verifier_count = 1;
        verify_say(
                verify, VERIFY_NOTE_VERIFIER, 0, 0,
                "the heads are checked by this host's own key, %s: give the file that `key init` printed (--first-key)",
                verifier);
        return 0;
}

int verify_heads_begin(struct verify *verify)
{
        const struct verify_witnesses *witnesses = verify->witnesses;
        cleanup_free struct gathering *gathering = calloc(1, sizeof(*gathering));
        char name[NOTE_NAME_SIZE];
        int r = 0;

        if (witnesses->heads == NULL)
                return 0;
        if (gathering == NULL)
                return why_errno(verify->db, verify->why, -ENOMEM, "cannot read the heads");
        gathering->verify = verify;
        gathering->by = witnesses->keys;
        if (witnesses->keys == NULL || witnesses->keys->verifier_count == 0) {
                r = own_verifier(verify, &gathering->own);
                gathering->by = &gathering->own;
        }
        if (r < 0)
                return why_set(verify->why, r,
                               "no verifier for the heads: give the file that `key init` printed (--first-key)");
        note_name(verify->db->uuid, name);
        r = note_scan(witnesses->heads, witnesses->heads_length, name, take, gathering);
        if (r < 0)
                return why_errno(verify->db, verify->why, r, "cannot read the heads");
        if (verify->heads.count > 0)
                qsort(verify->heads.notes, verify->heads.count, sizeof(*verify->heads.notes), compare);
        return 0;
}

void verify_heads_row(struct verify *verify, int64_t seq, const unsigned char *hash)
{
        struct verify_heads *heads = &verify->heads;

        for (; heads->next < heads->count && heads->notes[heads->next].seq <= seq; heads->next++) {
                const struct note *note = &heads->notes[heads->next];

                if (note->seq < seq)
                        continue; /* pruned, or missing and said */
                if (memcmp(note->hash, hash, AUDITDB_HASH_SIZE) == 0) {
                        heads->fits = seq;
                        verify->result.heads++;
                        continue;
                }
                verify_say(verify, VERIFY_HEAD_DIFFERS, heads->fits + 1, seq,
                           "the head of row %lld that was kept elsewhere has another hash: one of the rows %lld to "
                           "%lld was "
                           "rewritten since",
                           (long long)seq, (long long)heads->fits + 1, (long long)seq);
        }
}

void verify_heads_end(struct verify *verify)
{
        struct verify_heads *heads = &verify->heads;
        size_t pruned = 0;

        if (heads->next < heads->count)
                verify_say(verify, VERIFY_HEAD_PAST, verify->seq + 1, heads->notes[heads->count - 1].seq,
                           "rows %lld to %lld are missing at the end, a head of them was kept elsewhere: the tail was "
                           "cut off, or "
                           "an older file was put back",
                           (long long)verify->seq + 1, (long long)heads->notes[heads->count - 1].seq);
        for (; pruned < heads->count && heads->notes[pruned].seq < verify->anchor.seq; pruned++)
                ;
        if (pruned > 0)
                verify_say(verify, VERIFY_NOTE_PRUNED, heads->notes[0].seq, heads->notes[pruned - 1].seq,
                           "%zu heads are of rows that have been pruned", pruned);
}
