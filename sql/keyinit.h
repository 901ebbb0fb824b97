/* Making the keys of a database.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include "sql/firstkey.h"

struct keyinit {
        struct firstkey first; /* to be shown once and kept off the host: nothing on the host can give it again */
        char verifier[NOTE_KEY_TEXT_SIZE];
};

/* Draws the first key of the macs and the signing key, writes them beside the database (FILE-key and FILE-sign, 0600, of the
 * directory's owner), and appends a head row, the first that has a mac. -EEXIST when there are keys already and not `again`. */
int auditdb_make_keys(struct auditdb *db, bool again, struct keyinit *ret_keys, struct auditdb_why *ret_why);
