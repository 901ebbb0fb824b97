/* How far a sink has come, durably.
 *
 * Linked by: diag-ship.
 *
 * A cursor names the database, the last row that the sink has acknowledged, and that row's hash in the chain: a
 * database that was replaced, cut off, rolled back or rewritten is noticed before anything is sent. The file is text
 * with a checksum; it is replaced whole (write, fsync, rename, fsync of the directory), so a crash leaves the old one
 * or the new one.
 */
#pragma once

#include <stdint.h>

#include "shipper/fault.h"
#include "sql/auditdb.h"

enum { CURSOR_STATE_SIZE = 1024 };

struct cursor {
        char uuid[AUDITDB_UUID_SIZE];
        int64_t seq; /* 0: nothing yet */
        unsigned char hash[AUDITDB_HASH_SIZE];
        char state
                [CURSOR_STATE_SIZE]; /* what the sink must know to write the next rows in the same bytes again: one line, or "" */
};

/* A missing file is a new cursor: seq 0, the uuid empty. Anything else that is not a whole cursor of this sink is a
 * fault. */
int cursor_load(int directory, const char *name, const char *spec, struct cursor *ret_cursor, struct fault *fault);
int cursor_save(int directory, const char *name, const char *spec, const struct cursor *cursor, struct fault *fault);

/* The cursor that is flushed to the disk is at times a little behind: a flush costs more than a batch. What was acknowledged since then
 * stands in a second file without a flush. After a kill it is there; after a power cut it may be old, gone or damaged, and then it is
 * nothing, and some batches are sent again. It counts only on top of the very cursor that it was written behind.
 *
 * cursor_load_recent replaces *cursor when there is such a file. */
void cursor_load_recent(int directory, const char *name, const char *spec, struct cursor *cursor);
int cursor_save_recent(int directory, const char *name, const char *spec, const struct cursor *durable,
                       const struct cursor *cursor, struct fault *fault);

/* Does the database still have the row that the cursor names? A new cursor gets the database's name. */
int cursor_check(struct cursor *cursor, const char *name, struct auditdb *db, struct fault *fault);

/* The text of a cursor file, and back: for cursor.c and its tests. -EBADMSG when it is not one. */
enum { CURSOR_TEXT_MOST = 8192 };
int cursor_print(const char *spec, const struct cursor *cursor, char ret_text[CURSOR_TEXT_MOST]);
int cursor_parse(const char *text, size_t length, const char *spec, struct cursor *ret_cursor);
