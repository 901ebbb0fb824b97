/* Which members of a record stand beside it as fields of their own.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "sql/export.h"

extern const struct export_table fields_table;

/* The value of a field by its name, of the row itself or else of its session; NULL when it has none. */
const struct export_value *fields_find(const struct export_row *row, const char *name);
