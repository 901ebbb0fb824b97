/* Holds the rows to everything that can bear witness of them.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 *
 *                                      chain  first key  key file  heads kept elsewhere
 *     a row edited or deleted          yes    yes        yes       yes
 *     all rewritten and hashed again   no     yes        no        yes
 *     deleted, renumbered, hashed      no     yes        yes       yes
 *     tail cut off                     no     no         yes       if a head past the cut was kept
 *     file rolled back                 no     no         yes       yes
 *     file and key file rolled back    no     no         no        yes
 *     anchor forged                    yes    yes        yes       yes
 *     prune row faked, not hashed      yes    yes        yes       yes
 *     prune row faked and hashed       no     yes        yes       no
 *
 * Each column is with the chain. A faked prune row with a right hash is a row like any other to the chain, and heads of rows before the
 * anchor have nothing to be held against: only a key tells, and no row can be written behind it. Nothing shows rows that root never let
 * be written, false rows by the key of the day, wrong clocks.
 */
#pragma once

#include "sql/firstkey.h"

enum verify_kind {
        /* Broken. */
        VERIFY_EDITED, /* rows do not fit their hash */
        VERIFY_MISSING, /* rows are missing between others */
        VERIFY_CUT, /* rows are missing at the end */
        VERIFY_ANCHOR, /* the anchor, or a prune row, is not right */
        VERIFY_MAC, /* macs do not fit the first key */
        VERIFY_NO_MAC, /* rows without a mac that must have one */
        VERIFY_KEY_AHEAD, /* the key file has seen rows that are not here */
        VERIFY_KEY_FOREIGN, /* the key file is not the one of these rows */
        VERIFY_KEY_GONE,
        VERIFY_HEAD_DIFFERS, /* a head that was kept elsewhere has another hash */
        VERIFY_HEAD_PAST, /* ... is of a row that is not here */
        VERIFY_HEAD_FORGED, /* ... is not signed by the verifier */
        VERIFY_BROKEN_COUNT,
        /* Worth knowing. */
        VERIFY_NOTE_NO_KEY = VERIFY_BROKEN_COUNT, /* rows of before there was a key */
        VERIFY_NOTE_UNCHECKED, /* macs that no first key was given for */
        VERIFY_NOTE_KEY_BEHIND,
        VERIFY_NOTE_KEY_UNSEEN, /* no key file, or it cannot be read */
        VERIFY_NOTE_VERIFIER, /* the verifier is the host's own word */
        VERIFY_NOTE_PRUNED, /* heads of rows that have been pruned */
        VERIFY_NOTE_CLOCK, /* the wall clock went back */
        VERIFY_KIND_COUNT,
};

/* "edited", "clock"; for JSON. */
const char *verify_kind_name(enum verify_kind kind);

struct verify_finding {
        enum verify_kind kind;
        int64_t first; /* the rows; 0 when it is of none */
        int64_t last;
        const char *text; /* one sentence; good until the callback returns */
};

struct verify_witnesses {
        const struct firstkeys *keys; /* NULL: none */
        const char *heads; /* whatever note_scan may find heads in; NULL: none */
        size_t heads_length;
};

struct verify_result {
        int64_t anchor; /* the last row that was pruned; 0 */
        int64_t last;
        unsigned char hash[AUDITDB_HASH_SIZE]; /* of the last row */
        uint64_t rows;
        uint64_t macs; /* that were checked */
        uint64_t heads; /* that fit */
        uint64_t broken; /* findings, also of rows that were pruned since */
};

/* How far a row's clock may be behind that of the row before without a note: a record may have waited for the lock that long. */
enum { VERIFY_CLOCK_US = 5000000 };

/* 0 when it could be found out, however it came out; -ENOKEY when there are heads and nothing to check their signatures by; -EAGAIN when
 * it is being pruned all the time; or as auditdb_each. In batches: a reader that stays would keep the write-ahead log from being used
 * again. When rows are pruned meanwhile it begins anew: what it has found counts, and may be found twice. */
int auditdb_verify_with(struct auditdb *db, const struct verify_witnesses *witnesses,
                        void (*found)(void *context, const struct verify_finding *finding), void *context,
                        struct verify_result *ret_result, struct auditdb_why *ret_why);
