#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/hex.h"
#include "sql/chain.h"
#include "sql/verify_state.h"

/* The newest prune row must say exactly what the anchor is; schema-2.sql asks for the same when the anchor is moved. */
static void look_at_prune(struct verify *verify, const struct verify_row *row)
{
        const struct anchor *anchor = &verify->anchor;
        char hash[2 * AUDITDB_HASH_SIZE + 1];
        char mac[2 * AUDITDB_MAC_SIZE + 1] = "";
        const char *mark = anchor->has_mac ? "\"" : "";
        char text[512];

        hex_print(anchor->hash, sizeof(anchor->hash), hash);
        if (anchor->has_mac)
                hex_print(anchor->mac, sizeof(anchor->mac), mac);
        (void)snprintf(text, sizeof(text), ",\"anchor\":%lld,\"anchor_hash\":\"%s\",\"anchor_mac\":%s%s%s,",
                       (long long)anchor->seq, hash, mark, anchor->has_mac ? mac : "null", mark);
        verify->anchor_named = memmem(row->rec, row->length, text, strlen(text)) != NULL;
        verify->prune_seq = row->seq;
}

static int check_chain(struct verify *verify, const struct verify_row *row)
{
        unsigned char hash[CHAIN_HASH_SIZE];
        int r;

        if (row->seq != verify->seq + 1) {
                enum verify_kind kind = verify->seq == verify->anchor.seq ? VERIFY_ANCHOR : VERIFY_MISSING;

                verify_say(verify, kind, verify->seq + 1, row->seq - 1, "rows %lld to %lld are missing: %s",
                           (long long)verify->seq + 1, (long long)row->seq - 1,
                           kind == VERIFY_ANCHOR ? "deleted, and no prune row moved the anchor" : "deleted");
                return 0; /* what it was chained to is not there to be asked */
        }
        r = chain_next(verify->hash, row->rec, row->length, hash);
        if (r < 0)
                return why_errno(verify->db, verify->why, r, "cannot compute SHA3-256");
        if (memcmp(hash, row->hash, sizeof(hash)) != 0)
                verify_run_add(verify, VERIFY_EDITED, row->seq);
        return 0;
}

static void check_clock(struct verify *verify, const struct verify_row *row)
{
        if (verify->time_us - row->time_us > VERIFY_CLOCK_US)
                verify_say(verify, VERIFY_NOTE_CLOCK, row->seq, row->seq,
                           "row %lld: the wall clock went back by %lld s after the row before", (long long)row->seq,
                           (long long)(verify->time_us - row->time_us) / 1000000);
        verify->time_us = row->time_us;
}

int verify_row(struct verify *verify, const struct verify_row *row)
{
        int r = check_chain(verify, row);

        if (r == 0)
                r = verify_mac_row(verify, row);
        if (r == 0)
                r = verify_key_row(verify, row);
        if (r < 0)
                return r;
        verify_heads_row(verify, row->seq, row->hash);
        check_clock(verify, row);
        if (strcmp(row->kind, "prune") == 0)
                look_at_prune(verify, row);
        verify->seq = row->seq;
        memcpy(verify->hash, row->hash, sizeof(verify->hash));
        verify->has_mac = row->mac != NULL;
        verify->result.rows++;
        return 0;
}
