/* One row as a journal entry.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <sys/uio.h>

#include "pam_diag/base/buf.h"
#include "sql/export.h"

enum { JOURNAL_FIELDS_MOST = 24 };

/* Appends the entry's fields, each as a length (size_t) and "KEY=value". 0 or -errno. */
int journal_entry_put(struct buf *buf, struct auditdb *db, const struct export_row *row);

/* The fields of one entry again; how many. They point into `bytes`. */
size_t journal_entry_fields(char *bytes, size_t length, struct iovec fields[JOURNAL_FIELDS_MOST]);
