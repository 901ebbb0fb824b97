/* One row as one line of JSON.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "sql/export.h"

/* Appends the line, with its newline. fields.c says which fields it has. Every byte comes from the database: the same
 * row gives the same bytes whenever it is sent, so a consumer may drop duplicates by log.record.uid.
 *
 * A line longer than `most` bytes (0: any length is right) is written once more, short: long texts and lists are cut, the record
 * itself is left out, and "diag.cut":true says so. A session cannot keep a command out of the logs by making it long. 0 or -errno. */
int line_put(struct buf *buf, struct auditdb *db, const struct export_row *row, size_t most);

/* How much of a text of that length a short line has: not ending within a character. */
size_t line_cut(const char *text, size_t length);
