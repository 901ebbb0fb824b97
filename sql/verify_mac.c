#include <openssl/crypto.h>
#include <string.h>

#include "sql/verify_state.h"

/* The key of row `seq`, when a first key for it was given, from which it can be followed: verify->from is NULL otherwise. */
static int key_of(struct verify *verify, int64_t seq, int64_t most)
{
        const struct firstkeys *keys = verify->witnesses->keys;
        const struct firstkey *from = keys != NULL ? firstkeys_find(keys, seq) : NULL;
        int r = 0;

        if (from != verify->from && from != NULL) {
                memcpy(verify->key, from->key, sizeof(verify->key));
                verify->key_seq = from->seq;
        }
        if (from != NULL && seq - verify->key_seq > most)
                from = NULL;
        verify->from = from;
        while (r == 0 && from != NULL && verify->key_seq < seq) {
                r = mac_step(verify->key);
                verify->key_seq++;
        }
        return r < 0 ? why_errno(verify->db, verify->why, r, "cannot compute HMAC-SHA256") : 0;
}

static int fits(struct verify *verify, const unsigned char *hash, const unsigned char *mac, bool *ret_fits)
{
        unsigned char made[AUDITDB_MAC_SIZE];
        int r = mac_make(verify->key, hash, made);

        if (r < 0)
                return why_errno(verify->db, verify->why, r, "cannot compute HMAC-SHA256");
        *ret_fits = memcmp(made, mac, sizeof(made)) == 0;
        return 0;
}

static bool is_key_for(const struct verify *verify, int64_t seq)
{
        return verify->witnesses->keys != NULL && firstkeys_find(verify->witnesses->keys, seq) != NULL;
}

int verify_mac_anchor(struct verify *verify)
{
        const struct anchor *anchor = &verify->anchor;
        bool good = anchor->has_mac;
        int r = 0;

        if (anchor->seq == 0)
                return 0;
        r = key_of(verify, anchor->seq, VERIFY_STEPS_TO_ANCHOR);
        if (r == 0 && verify->from == NULL && is_key_for(verify, anchor->seq))
                verify_say(verify, VERIFY_ANCHOR, anchor->seq, anchor->seq,
                           "the anchor, row %lld, is further from the first key than any host has rows: forged",
                           (long long)anchor->seq);
        if (r < 0 || verify->from == NULL)
                return r;
        if (good)
                r = fits(verify, anchor->hash, anchor->mac, &good);
        if (r == 0 && !good)
                verify_say(verify, VERIFY_ANCHOR, anchor->seq, anchor->seq,
                           "the anchor, row %lld, does not fit the first key: forged", (long long)anchor->seq);
        return r;
}

static bool says_new_key(const struct verify_row *row)
{
        static const char reason[] = ",\"reason\":\"key\",";

        return strcmp(row->kind, "head") == 0 && memmem(row->rec, row->length, reason, sizeof(reason) - 1) != NULL;
}

/* Without a first key all that can be said of a mac is whether it is there. */
static void without_key(struct verify *verify, const struct verify_row *row)
{
        if (row->mac != NULL)
                verify_run_add(verify, VERIFY_NOTE_UNCHECKED, row->seq);
        else
                verify_run_add(verify, verify->has_mac ? VERIFY_NO_MAC : VERIFY_NOTE_NO_KEY, row->seq);
}

static void does_not_fit(struct verify *verify, const struct verify_row *row)
{
        if (strcmp(row->kind, "prune") == 0)
                verify_say(verify, VERIFY_ANCHOR, row->seq, row->seq,
                           "row %lld, a prune row, does not fit the first key: faked by somebody who did not have the "
                           "key of then",
                           (long long)row->seq);
        verify_run_add(verify, VERIFY_MAC, row->seq);
}

int verify_mac_row(struct verify *verify, const struct verify_row *row)
{
        bool good = false;
        int r = key_of(verify, row->seq, VERIFY_STEPS_OVER_GAP);

        if (r < 0)
                return r;
        if (verify->from == NULL) {
                without_key(verify, row);
                return 0;
        }
        if (says_new_key(row) && row->seq > verify->from->seq && verify->new_key_seq == 0)
                verify->new_key_seq = row->seq;
        if (row->mac == NULL) {
                verify_run_add(verify, VERIFY_NO_MAC, row->seq);
                return 0;
        }
        r = fits(verify, row->hash, row->mac, &good);
        if (r < 0)
                return r;
        verify->result.macs++;
        if (!good)
                does_not_fit(verify, row);
        return 0;
}
