/* What the parts of a verification share.
 *
 * Linked by: diagctl; included by sql/verify*.c only.
 */
#pragma once

#include "sql/keys.h"
#include "sql/note_check.h"
#include "sql/verify.h"

/* How far a key is followed at once, a step for each row: to the anchor, from the first key, for an hour at most; over rows that are
 * missing, for a minute. Numbers are whatever somebody has written there. */
enum { VERIFY_STEPS_TO_ANCHOR = 2000000000, VERIFY_STEPS_OVER_GAP = 50000000 };

/* Rows in a line that have the same thing wrong with them become one finding. */
struct verify_run {
        int64_t first; /* 0: none yet */
        int64_t last;
};

struct verify_heads {
        struct note *notes; /* by seq */
        size_t count;
        size_t size;
        size_t next; /* the first one that no row has come for yet */
        int64_t fits; /* seq of the last that fits */
};

struct verify {
        struct auditdb *db;
        const struct verify_witnesses *witnesses;
        void (*found)(void *context, const struct verify_finding *finding);
        void *context;
        struct auditdb_why *why;
        struct verify_result result;

        /* The chain. */
        struct anchor anchor;
        int64_t seq; /* of the row before */
        unsigned char hash[AUDITDB_HASH_SIZE]; /* its hash as it is stored */
        bool has_mac;
        int64_t time_us;
        bool anchor_named; /* by the newest prune row; with none, true as long as nothing was pruned */
        int64_t prune_seq;

        /* The macs: the key of row key_seq, from the first key `from`. */
        const struct firstkey *from;
        unsigned char key[MAC_KEY_SIZE];
        int64_t key_seq;
        int64_t new_key_seq; /* a head row that says a key was made there, which was not given */

        /* The key file. */
        bool file_present;
        struct keyslot file; /* moves on with the rows that it has not seen */
        int64_t file_seq; /* where it stood */

        struct verify_heads heads;
        struct verify_run runs[VERIFY_KIND_COUNT];
        uint64_t unmade; /* rows without a mac */
};

struct verify_row {
        int64_t seq;
        const char *rec;
        size_t length;
        const unsigned char *hash;
        const unsigned char *mac; /* NULL: none */
        int64_t time_us;
        const char *kind;
};

/* verify_say.c */
void verify_say(struct verify *verify, enum verify_kind kind, int64_t first, int64_t last, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
void verify_run_add(struct verify *verify, enum verify_kind kind, int64_t seq);
void verify_run_end(struct verify *verify, enum verify_kind kind);

/* verify_rows.c: one row, in order. -EBADMSG never: what is wrong is said. */
int verify_row(struct verify *verify, const struct verify_row *row);
/* verify_mac.c */
int verify_mac_anchor(struct verify *verify);
int verify_mac_row(struct verify *verify, const struct verify_row *row);
/* verify_key.c: before the rows, for each, and after them. */
int verify_key_begin(struct verify *verify);
int verify_key_row(struct verify *verify, const struct verify_row *row);
int verify_key_end(struct verify *verify);
/* verify_heads.c */
int verify_heads_begin(struct verify *verify);
void verify_heads_row(struct verify *verify, int64_t seq, const unsigned char *hash);
void verify_heads_end(struct verify *verify);
