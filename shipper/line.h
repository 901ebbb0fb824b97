/* One row as one line of JSON.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "sql/export.h"

/* Appends the line, with its newline. fields.c says which fields it has. Every byte comes from the database: the same
 * row gives the same bytes whenever it is sent, so a consumer may drop duplicates by log.record.uid. 0 or -errno. */
int line_put(struct buf *buf, struct auditdb *db, const struct export_row *row);
