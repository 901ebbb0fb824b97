/* Rows with some members of their records taken out, for shipping.
 *
 * Linked by: diag-ship.
 *
 * The caller says in a table which members it wants for which kind. Each record is read once (recread.h), and taken apart without
 * SQLite: its JSON functions and the columns that the schema computes cost more than all the rest of an export.
 */
#pragma once

#include "sql/auditdb.h"

enum { EXPORT_FIELDS_MOST = 16 };

enum export_type {
        EXPORT_TEXT, /* a string, unescaped; bytes that were not UTF-8 are still characters U+10FENN (base/json.h) */
        EXPORT_INTEGER,
        EXPORT_LIST, /* an array of strings, as JSON text */
};

struct export_field {
        const char *name; /* the caller's, and so are its length and id */
        size_t name_length;
        /* In `rec`: "$.line", "$.by.name", "$.stages[0].argv", or several parted by " + " to add up integers. */
        const char *path;
        int64_t least; /* EXPORT_INTEGER: a smaller number says "none" and is not present */
        unsigned id;
        enum export_type type;
};

struct export_kind {
        const char *kind; /* "exec" */
        const struct export_field *fields;
        size_t count;
};

struct export_table {
        const struct export_kind *kinds;
        size_t count;
        struct export_kind context; /* taken from the session's open record for every row */
};

struct export_value {
        const struct export_field *field;
        bool present; /* false: no such member, null, or of another type */
        bool plain; /* of EXPORT_TEXT: base/plain.h */
        const char *text; /* NUL-terminated */
        size_t length;
        int64_t integer;
};

struct export_row {
        struct auditdb_row row;
        const char *kind;
        int64_t time_us;
        const char *session;
        const struct export_value *context;
        size_t context_count;
        struct export_value values[EXPORT_FIELDS_MOST];
        size_t value_count;
};

/* As auditdb_each: rows with seq > after, in order, at most `most`. The context of a row is the first open record of
 * its session that is not younger than the row itself: the same whenever it is asked. Rows of no session
 * (REC_NO_SESSION) have none. `table` must live as long as `db`, and be the same in every call. */
int auditdb_export(struct auditdb *db, const struct export_table *table, int64_t after, size_t most,
                   int (*row)(void *context, const struct export_row *row), void *context, struct auditdb_why *ret_why);

/* The strings of an EXPORT_LIST, one by one, unescaped as EXPORT_TEXT is; what is no string, as it is written. A callback that returns
 * non-zero ends the walk, and that value is returned (negative) or 0 (positive). -EBADMSG when it is no list. */
int export_each_item(const char *list, size_t length, int (*item)(void *context, const char *text, size_t length),
                     void *context);
