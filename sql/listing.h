/* Rows for people, chosen by what they say.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include "sql/auditdb.h"

/* A command line that was denied, and who asked. Text is NUL-terminated, unescaped, bytes that were not UTF-8 are still characters
 * U+10FENN (json_restore_bytes); NULL where the record has none. Good until the callback returns. */
struct listing_denied {
        int64_t seq;
        int64_t time_us;
        const char *session;
        const char *line;
        size_t line_length;
        const char *code;
        const char *reason;
        const char *user;
        const char *key;
        const char *client;
};

/* The newest `most` denied lines that are not older than `since_us`, newest first; one read transaction. As auditdb_each. */
int auditdb_denied(struct auditdb *db, int64_t since_us, size_t most,
                   int (*row)(void *context, const struct listing_denied *row), void *context,
                   struct auditdb_why *ret_why);
