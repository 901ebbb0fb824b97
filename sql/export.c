#include "sql/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "sql/internal.h"

enum { KINDS_MOST = 16, STATEMENT_MOST = 8192 };

struct export
{
        const struct export_table *table;
        sqlite3_stmt *range;
        sqlite3_stmt *context;
        sqlite3_stmt *kinds[KINDS_MOST];
        sqlite3_stmt *list;
};

void export_free(struct export *export)
{
        if (export == NULL)
                return;
        (void)sqlite3_finalize(export->range);
        (void)sqlite3_finalize(export->context);
        (void)sqlite3_finalize(export->list);
        for (size_t i = 0; i < KINDS_MOST; i++)
                (void)sqlite3_finalize(export->kinds[i]);
        free(export);
}

/* Ends every read transaction; the statements stay for the next batch. */
static void export_reset_at(struct export **at)
{
        struct export *export = *at;

        if (export->range != NULL)
                (void)sqlite3_reset(export->range);
        if (export->context != NULL)
                (void)sqlite3_reset(export->context);
        for (size_t i = 0; i < KINDS_MOST; i++)
                if (export->kinds[i] != NULL)
                        (void)sqlite3_reset(export->kinds[i]);
}

/* One column: the member, or the sum of members. Paths are constants of this program. */
static void put_column(struct buf *buf, const char *rec, const struct export_field *field)
{
        const char *path = field->path;

        for (;;) {
                const char *plus = strstr(path, " + ");
                int length = (int)(plus != NULL ? (size_t)(plus - path) : strlen(path));

                buf_printf(buf, "%s %s '%.*s'", rec, field->type == EXPORT_LIST ? "->" : "->>", length, path);
                if (plus == NULL)
                        return;
                buf_put_text(buf, " + ");
                path = plus + 3;
        }
}

static int prepare_fields(struct auditdb *db, const struct export_kind *kind, const char *rec, const char *rest,
                          sqlite3_stmt **statement, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf buf = BUF_INIT(STATEMENT_MOST);

        if (*statement != NULL)
                return 0;
        buf_put_text(&buf, "SELECT ");
        for (size_t i = 0; i < kind->count; i++) {
                buf_put_text(&buf, i > 0 ? ", " : "");
                put_column(&buf, rec, &kind->fields[i]);
        }
        buf_put_text(&buf, rest);
        if (buf.error < 0)
                return why_errno(db, ret_why, buf.error, "cannot read rows");
        return auditdb_prepare(db, buf.data, statement, ret_why);
}

static void take_values(sqlite3_stmt *statement, const struct export_kind *kind, struct export_value *values)
{
        for (int i = 0; i < (int)kind->count; i++) {
                struct export_value *value = &values[i];

                *value = (struct export_value){ .field = &kind->fields[i] };
                if (sqlite3_column_type(statement, i) == SQLITE_NULL)
                        continue;
                if (value->field->type == EXPORT_INTEGER) {
                        value->integer = sqlite3_column_int64(statement, i);
                        value->present = value->integer >= value->field->least;
                        continue;
                }
                value->text = (const char *)sqlite3_column_text(statement, i);
                value->length = (size_t)sqlite3_column_bytes(statement, i);
                value->present = value->text != NULL && (value->field->type != EXPORT_LIST || value->text[0] == '[');
        }
}

static int read_own(struct auditdb *db, struct export_row *row, struct auditdb_why *ret_why)
{
        struct export *export = db->export;
        const struct export_kind *kind = NULL;
        size_t i;
        int code;
        int r;

        for (i = 0; i < export->table->count && kind == NULL; i++)
                if (strcmp(export->table->kinds[i].kind, row->kind) == 0)
                        kind = &export->table->kinds[i];
        row->value_count = 0;
        if (kind == NULL) /* a kind that this version does not know goes out as its record alone */
                return 0;
        r = prepare_fields(db, kind, "?1", "", &export->kinds[i - 1], ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_reset(export->kinds[i - 1]);
        (void)sqlite3_bind_text64(export->kinds[i - 1], 1, row->row.rec, row->row.rec_length, SQLITE_STATIC,
                                  SQLITE_UTF8);
        code = sqlite3_step(export->kinds[i - 1]);
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot take a record apart");
        take_values(export->kinds[i - 1], kind, row->values);
        row->value_count = kind->count;
        return 0;
}

/* `before` is the session of the row before: its context stands in the statement and is still good. */
static int read_context(struct auditdb *db, struct export_row *row, char *before, size_t size,
                        struct auditdb_why *ret_why)
{
        struct export *export = db->export;
        const struct export_kind *kind = &export->table->context;
        int code;
        int r;

        if (strcmp(before, row->session) == 0 && row->context_count > 0)
                return 0;
        r = prepare_fields(db, kind, "rec",
                           " FROM event WHERE session = ?1 AND invocation IS NULL AND kind = 'open' AND seq <= ?2 "
                           "ORDER BY seq LIMIT 1",
                           &export->context, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_reset(export->context);
        before[0] = '\0';
        row->context_count = 0;
        (void)sqlite3_bind_text(export->context, 1, row->session, -1, SQLITE_TRANSIENT);
        (void)sqlite3_bind_int64(export->context, 2, row->row.seq);
        code = sqlite3_step(export->context);
        if (code == SQLITE_DONE)
                return 0;
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read a session's beginning");
        take_values(export->context, kind, row->context);
        row->context_count = kind->count;
        (void)snprintf(before, size, "%s", row->session);
        return 0;
}

static int read_row(struct auditdb *db, struct export_row *row, char *before, size_t size, struct auditdb_why *ret_why)
{
        sqlite3_stmt *range = db->export->range;
        int r;

        row->row.seq = sqlite3_column_int64(range, 0);
        row->row.rec = (const char *)sqlite3_column_text(range, 1);
        row->row.rec_length = (size_t)sqlite3_column_bytes(range, 1);
        row->row.hash = sqlite3_column_blob(range, 2);
        row->kind = (const char *)sqlite3_column_text(range, 3);
        row->time_us = sqlite3_column_int64(range, 4);
        row->session = (const char *)sqlite3_column_text(range, 5);
        if (row->row.rec == NULL || row->row.hash == NULL || row->kind == NULL || row->session == NULL ||
            sqlite3_column_bytes(range, 2) != AUDITDB_HASH_SIZE)
                return why_damaged(db, ret_why, "row %lld is not whole", (long long)row->row.seq);
        r = read_own(db, row, ret_why);
        return r < 0 ? r : read_context(db, row, before, size, ret_why);
}

static int ensure_export(struct auditdb *db, const struct export_table *table, struct auditdb_why *ret_why)
{
        if (table->count > KINDS_MOST)
                return why_errno(db, ret_why, -EINVAL, "cannot read rows");
        if (db->export == NULL)
                db->export = calloc(1, sizeof(*db->export));
        if (db->export == NULL)
                return why_errno(db, ret_why, -ENOMEM, "cannot read rows");
        db->export->table = table;
        return auditdb_prepare(
                db, "SELECT seq, rec, hash, kind, time, session FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                &db->export->range, ret_why);
}

int auditdb_export(struct auditdb *db, const struct export_table *table, int64_t after, size_t most,
                   int (*row)(void *context, const struct export_row *row), void *context, struct auditdb_why *ret_why)
{
        struct export_row one = { 0 };
        char before[64] = "";
        int r;

        r = identity_check(db, ret_why);
        if (r == 0)
                r = ensure_export(db, table, ret_why);
        if (r < 0)
                return r;
        __attribute__((cleanup(export_reset_at))) struct export *export = db->export;
        (void)sqlite3_bind_int64(export->range, 1, after);
        (void)sqlite3_bind_int64(export->range, 2, most > INT64_MAX ? INT64_MAX : (int64_t)most);
        for (;;) {
                int code = sqlite3_step(export->range);

                if (code == SQLITE_DONE)
                        return 0;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot read rows");
                r = read_row(db, &one, before, sizeof(before), ret_why);
                if (r == 0)
                        r = row(context, &one);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}

int auditdb_export_list(struct auditdb *db, const char *list,
                        int (*item)(void *context, const char *text, size_t length), void *context,
                        struct auditdb_why *ret_why)
{
        cleanup_reset sqlite3_stmt *statement = NULL;
        int r;

        r = auditdb_prepare(db, "SELECT value FROM json_each(?1)", &db->export->list, ret_why);
        if (r < 0)
                return r;
        statement = db->export->list;
        (void)sqlite3_bind_text(statement, 1, list, -1, SQLITE_TRANSIENT);
        for (;;) {
                int code = sqlite3_step(statement);
                const char *text;

                if (code == SQLITE_DONE)
                        return 0;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot take a record apart");
                text = (const char *)sqlite3_column_text(statement, 0);
                r = item(context, text != NULL ? text : "", (size_t)sqlite3_column_bytes(statement, 0));
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}
