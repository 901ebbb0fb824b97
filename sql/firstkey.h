/* What is kept off the host: the first keys of the macs and the verifiers of the heads, as text.
 *
 *     # a comment
 *     first-key UUID SEQ <64 hex digits> <8 hex digits: the beginning of SHA3-256 over 32 zero bytes and the words before>
 *     verifier pam_diag/UUID+id+base64
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "sql/mac.h"
#include "sql/note.h"

struct firstkey {
        char uuid[AUDITDB_UUID_SIZE];
        int64_t seq; /* of the first row with a mac by it */
        unsigned char key[MAC_KEY_SIZE];
};

enum { FIRSTKEYS_MOST = 64 };

/* Each `key init` of one database adds one of either. */
struct firstkeys {
        struct firstkey keys[FIRSTKEYS_MOST]; /* by seq, without equals */
        size_t key_count;
        struct note_verifier verifiers[FIRSTKEYS_MOST];
        size_t verifier_count;
};

/* One "first-key" line. */
int firstkey_put(struct buf *buf, const struct firstkey *key);

/* Adds the text's lines for database `uuid` to *keys; those for others are passed over. -EINVAL with the number of the first line that
 * is none (or a mistyped key) in *ret_line; -E2BIG. Pure. */
int firstkeys_parse(const char *text, const char *uuid, struct firstkeys *keys, size_t *ret_line);

/* The key that made row `seq` first: the newest that is not younger. NULL when there is none. */
const struct firstkey *firstkeys_find(const struct firstkeys *keys, int64_t seq);
