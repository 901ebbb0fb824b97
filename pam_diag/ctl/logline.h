/* One record as one line for a person.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"
#include "sql/export.h"

enum { LOGLINE_MOST = 1024 * 1024 };

/* The members that logline_put looks at, for auditdb_export. */
extern const struct export_table logline_table;

struct logline_style {
        bool local; /* the time of the operator's clock; else UTC as RFC 3339 has it */
        bool paint; /* colours (paint.h) around the line */
        bool detail; /* a second line, four blanks ahead, with what else the record says */
};

/* Appends `TIME SESSION KIND …` without a line break at the end. Whatever the record holds: it stays one line (two with `detail`) and
 * harmless on a terminal. -EMSGSIZE, -ENOMEM. */
int logline_put(struct buf *buf, const struct export_row *row, const struct logline_style *style);
