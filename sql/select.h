/* Rows by what they say: the operator's filters.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include "sql/auditdb.h"

/* Every member that is set must hold; NULL, 0: anything. Texts are bytes as the operator typed them. */
struct select_filter {
        int64_t since_us; /* microseconds since 1970: not older */
        int64_t until_us; /* older than that */
        const char *session; /* 32 hex digits */
        const char *user; /* of the session */
        const char *key; /* of the session: fingerprint, or the name that the policy gives it */
        const char *client; /* of the session: address */
        const char *verdict; /* "allow", "deny" or "help"; another one is -EINVAL */
        const char *rule; /* of the command or of one of its stages */
        const char *path; /* a word that is this path, lies below it, or ends with =PATH or =PATH/… */
};

/* The numbers of the newest `most` rows that fit, in *ret_seqs (malloc'ed), the oldest first. As auditdb_each for errors. */
int auditdb_select_newest(struct auditdb *db, const struct select_filter *filter, size_t most, int64_t **ret_seqs,
                          size_t *ret_count, struct auditdb_why *ret_why);

/* The first `most` rows with seq > after that fit, the oldest first. */
int auditdb_select_after(struct auditdb *db, const struct select_filter *filter, int64_t after, size_t most,
                         int64_t **ret_seqs, size_t *ret_count, struct auditdb_why *ret_why);
