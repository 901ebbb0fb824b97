/* Which members of a record stand beside it as fields of their own.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "sql/export.h"

extern const struct export_table fields_table;

/* Those that somebody asks for. */
enum field_id {
        FIELD_NONE,
        FIELD_HOST,
        FIELD_USER,
        FIELD_CLIENT,
        FIELD_KEY,
        FIELD_INVOCATION,
        FIELD_VERDICT,
        FIELD_CODE,
        FIELD_REASON,
        FIELD_RULE,
        FIELD_LINE,
        FIELD_PROGRAM,
        FIELD_EXIT_HOW,
        FIELD_EXIT_STATUS,
        FIELD_EXIT_SIGNAL,
        FIELD_CLOSE_HOW,
        FIELD_HEAD_SEQ,
        FIELD_PRUNE_FIRST,
        FIELD_PRUNE_ANCHOR,
        FIELD_COUNT
};

/* The value of the row itself, or else of its session; NULL when it has none. */
const struct export_value *fields_find(const struct export_row *row, enum field_id id);

/* The same of all of them at once. */
struct fields_found {
        const struct export_value *of[FIELD_COUNT];
};
void fields_find_all(const struct export_row *row, struct fields_found *ret_found);
