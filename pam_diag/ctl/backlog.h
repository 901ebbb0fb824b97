/* How far the sinks of diag-ship have come.
 *
 * Linked by: diagctl.
 *
 * Read from ship.conf (which sinks there are) and from the cursor files in the state directory (what each has acknowledged). A cursor
 * whose sink is not in ship.conf counts too: diag-ship may be run with it on its command line.
 */
#pragma once

#include <stdbool.h>

#include "sql/auditdb.h"

enum { BACKLOG_NAME_MOST = 4096, BACKLOG_SINKS_MOST = 64 };

struct backlog_sink {
        char *name;
        bool configured; /* in ship.conf */
        char uuid[AUDITDB_UUID_SIZE]; /* of the database; empty: nothing acknowledged yet */
        int64_t seq;
        unsigned char hash[AUDITDB_HASH_SIZE]; /* of row seq */
        int64_t moved_us; /* when the cursor was written */
};

struct backlog {
        struct backlog_sink *sinks;
        size_t count;
};

void backlog_free(struct backlog *backlog);
#define cleanup_backlog __attribute__((cleanup(backlog_free)))

/* Neither the file nor the directory need to exist. 0, or -errno with a sentence in *ret_why: a file that cannot be read, an error in
 * ship.conf's form, a damaged cursor. */
int backlog_read(const char *config, const char *state, struct backlog *ret_backlog, struct auditdb_why *ret_why);

/* The text of a cursor file; *ret_sink without a name of its own, which *ret_name is (the caller's). -EBADMSG. Pure. */
int backlog_parse(const char *text, size_t length, struct backlog_sink *ret_sink, char **ret_name);

/* What the sink has acknowledged of this database: the row's number, 0 when it is of another one or of another chain. */
int backlog_seq(const struct backlog_sink *sink, struct auditdb *db, int64_t *ret_seq, struct auditdb_why *ret_why);
