/* Sessions, for people.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include <stdbool.h>

#include "sql/select.h"

/* One session. Text is NUL-terminated, unescaped, bytes that were not UTF-8 are still characters U+10FENN (json_restore_bytes); NULL where
 * the record has none. Good until the callback returns. */
struct session_row {
        int64_t seq; /* of its open record */
        int64_t opened_us;
        const char *session;
        const char *user;
        const char *client;
        const char *key; /* fingerprint */
        const char *key_name; /* by the policy */
        const char *host;
        int64_t monitor; /* pid of sshd's monitor, which says nothing about who has that number now */
        bool closed; /* there is a close record; the next members are its */
        int64_t closed_us;
        int64_t duration_us;
        const char *how;
        const char *by; /* who had it killed */
        int64_t commands; /* allowed ones; counted for a session that is not closed */
        int64_t denied;
};

/* The newest `most` sessions that fit, the oldest first. Of the filter, since, until (for the opening), session, user, key and client
 * count. `unclosed`: only those without a close record. As auditdb_each. */
int auditdb_sessions(struct auditdb *db, const struct select_filter *filter, bool unclosed, size_t most,
                     int (*row)(void *context, const struct session_row *row), void *context,
                     struct auditdb_why *ret_why);

/* The one session whose id begins with these hex digits. -EINVAL: no such digits; -ENOENT: none; -ENOTUNIQ: several. */
int auditdb_find_session(struct auditdb *db, const char *prefix, char ret_session[33], struct auditdb_why *ret_why);
