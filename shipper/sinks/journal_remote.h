/* One row in the journal's export format.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "sql/export.h"

/* Appends the entry, with the empty line that ends it. Every byte comes from the row. 0 or -errno. */
int journal_remote_put(struct buf *buf, struct auditdb *db, const struct export_row *row);
