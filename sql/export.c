#include "sql/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "sql/internal.h"
#include "sql/members.h"
#include "sql/recread.h"

enum { KINDS_MOST = 16, CONTEXTS_KEPT = 16 };

/* What the rows of one session share, as long as the read transaction lasts. */
struct context {
        char session[REC_SESSION_LENGTH + 1]; /* "": of none */
        struct members_texts texts;
        struct export_value values[EXPORT_FIELDS_MOST];
        uint64_t used; /* the newest has the highest */
};

struct export
{
        const struct export_table *table;
        sqlite3_stmt *range;
        sqlite3_stmt *opening;
        struct members kinds[KINDS_MOST];
        struct members_texts texts; /* of the row */
        struct members openings;
        struct context contexts[CONTEXTS_KEPT]; /* of the sessions that took turns last */
        struct context *current; /* the one that was used last */
        uint64_t uses;
        struct recread_beginning beginning; /* of the row */
};

void export_free(struct export *export)
{
        if (export == NULL)
                return;
        (void)sqlite3_finalize(export->range);
        (void)sqlite3_finalize(export->opening);
        members_texts_free(&export->texts);
        for (size_t i = 0; i < CONTEXTS_KEPT; i++)
                members_texts_free(&export->contexts[i].texts);
        free(export);
}

/* Ends every read transaction; the statements stay for the next batch. */
static void export_reset_at(struct export **at)
{
        struct export *export = *at;

        (void)sqlite3_reset(export->range);
        (void)sqlite3_reset(export->opening);
        members_texts_shrink(&export->texts);
        for (size_t i = 0; i < CONTEXTS_KEPT; i++) {
                export->contexts[i].session[0] = '\0';
                members_texts_shrink(&export->contexts[i].texts);
        }
}

static int no_record(const struct auditdb *db, int64_t seq, struct auditdb_why *ret_why)
{
        return why_damaged(db, ret_why, "row %lld is not a record as this program writes them", (long long)seq);
}

/* A kind that this version does not know goes out as its record alone; that it is a record is looked at all the same. */
static int read_unknown(struct recread *read)
{
        struct recread_value ignored;
        bool first = false;

        while (recread_key(read, &first, &ignored))
                if (!recread_value(read, &ignored))
                        break;
        return recread_at_end(read) ? 0 : -EBADMSG;
}

static int read_own(struct auditdb *db, struct export_row *row, struct auditdb_why *ret_why)
{
        struct export *export = db->export;
        struct recread read = recread_of(row->row.rec, row->row.rec_length);
        struct members *members = NULL;
        int r;

        if (!recread_begin(&read, &export->beginning))
                return no_record(db, row->row.seq, ret_why);
        row->kind = export->beginning.kind;
        row->time_us = export->beginning.time_us;
        row->session = export->beginning.session;
        for (size_t i = 0; i < export->table->count && members == NULL; i++)
                if (strcmp(export->table->kinds[i].kind, row->kind) == 0)
                        members = &export->kinds[i];
        row->value_count = members != NULL ? members->kind->count : 0;
        r = members != NULL ? members_take(members, &export->texts, &read, row->values) : read_unknown(&read);
        if (r == -EBADMSG)
                return no_record(db, row->row.seq, ret_why);
        return r < 0 ? why_errno(db, ret_why, r, "cannot read rows") : 0;
}

static int take_context(struct auditdb *db, const struct export_row *row, struct context *context,
                        struct auditdb_why *ret_why)
{
        struct export *export = db->export;
        const char *rec = (const char *)sqlite3_column_text(export->opening, 0);
        /* NULL is no record either, and so is an empty text. */
        struct recread read = recread_of(rec != NULL ? rec : "",
                                         rec != NULL ? (size_t)sqlite3_column_bytes(export->opening, 0) : 0);
        struct recread_beginning ignored;
        int r = -EBADMSG;

        if (recread_begin(&read, &ignored))
                r = members_take(&export->openings, &context->texts, &read, context->values);
        if (r == -EBADMSG)
                return why_damaged(db, ret_why, "the open record of session %s is none", row->session);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot read a session's beginning");
        memcpy(context->session, row->session, sizeof(context->session));
        return 0;
}

/* A session without an open record leaves the context of none: it may have one for a later row. */
static int find_context(struct auditdb *db, const struct export_row *row, struct context *context,
                        struct auditdb_why *ret_why)
{
        sqlite3_stmt *opening = db->export->opening;
        int code;

        context->session[0] = '\0';
        (void)sqlite3_reset(opening);
        (void)sqlite3_bind_text(opening, 1, row->session, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(opening, 2, row->row.seq);
        code = sqlite3_step(opening);
        if (code == SQLITE_DONE)
                return 0;
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read a session's beginning");
        return take_context(db, row, context, ret_why);
}

/* The session's own, or else the one that has not been used for the longest time. */
static struct context *choose_context(struct export *export, const char *session)
{
        struct context *chosen = &export->contexts[0];

        for (size_t i = 0; i < CONTEXTS_KEPT; i++) {
                struct context *context = &export->contexts[i];

                if (strcmp(context->session, session) == 0)
                        return context;
                if (context->used < chosen->used)
                        chosen = context;
        }
        return chosen;
}

static int read_context(struct auditdb *db, struct export_row *row, struct auditdb_why *ret_why)
{
        struct export *export = db->export;
        struct context *context = export->current;
        int r = 0;

        row->context_count = 0;
        /* Heads and prunes: there are as many as sessions, and all of them would be looked through for each of them. */
        if (strcmp(row->session, REC_NO_SESSION) == 0)
                return 0;
        if (strcmp(context->session, row->session) != 0)
                context = choose_context(export, row->session);
        if (strcmp(context->session, row->session) != 0)
                r = find_context(db, row, context, ret_why);
        if (r < 0 || context->session[0] == '\0')
                return r;
        context->used = ++export->uses;
        export->current = context;
        row->context = context->values;
        row->context_count = export->table->context.count;
        return 0;
}

static int read_row(struct auditdb *db, struct export_row *row, struct auditdb_why *ret_why)
{
        sqlite3_stmt *range = db->export->range;
        int r;

        row->row.seq = sqlite3_column_int64(range, 0);
        row->row.rec = (const char *)sqlite3_column_text(range, 1);
        row->row.rec_length = (size_t)sqlite3_column_bytes(range, 1);
        row->row.hash = sqlite3_column_blob(range, 2);
        if (row->row.rec == NULL || row->row.hash == NULL || sqlite3_column_bytes(range, 2) != AUDITDB_HASH_SIZE)
                return why_damaged(db, ret_why, "row %lld is not whole", (long long)row->row.seq);
        r = read_own(db, row, ret_why);
        return r < 0 ? r : read_context(db, row, ret_why);
}

static int set_table(struct export *export, const struct export_table *table)
{
        if (export->table == table)
                return 0;
        if (table->count > KINDS_MOST || members_init(&export->openings, &table->context) < 0)
                return -EINVAL;
        for (size_t i = 0; i < table->count; i++)
                if (members_init(&export->kinds[i], &table->kinds[i]) < 0)
                        return -EINVAL;
        export->current = &export->contexts[0];
        export->table = table;
        return 0;
}

static int ensure_export(struct auditdb *db, const struct export_table *table, struct auditdb_why *ret_why)
{
        int r;

        if (db->export == NULL)
                db->export = calloc(1, sizeof(*db->export));
        r = db->export == NULL ? -ENOMEM : set_table(db->export, table);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot read rows");
        r = auditdb_prepare(db, "SELECT seq, rec, hash FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                            &db->export->range, ret_why);
        if (r < 0)
                return r;
        return auditdb_prepare(db,
                               "SELECT rec FROM event WHERE session = ?1 AND invocation IS NULL AND kind = 'open' "
                               "AND seq <= ?2 ORDER BY seq LIMIT 1",
                               &db->export->opening, ret_why);
}

int auditdb_export(struct auditdb *db, const struct export_table *table, int64_t after, size_t most,
                   int (*row)(void *context, const struct export_row *row), void *context, struct auditdb_why *ret_why)
{
        struct export_row one = { .session = "" };
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
                r = read_row(db, &one, ret_why);
                if (r == 0)
                        r = row(context, &one);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}

int export_each_item(const char *list, size_t length, int (*item)(void *context, const char *text, size_t length),
                     void *context)
{
        struct recread read = recread_of(list, length);
        cleanup_free char *text = malloc(length + 1);
        struct recread_value value;
        bool first = true;

        if (text == NULL)
                return -ENOMEM;
        (void)recread_enter(&read, '[');
        while (recread_element(&read, &first)) {
                size_t n;
                int r;

                if (!recread_value(&read, &value))
                        return -EBADMSG;
                n = value.kind == '"' ? recread_text(&value, text) : value.length;
                if (value.kind != '"')
                        memcpy(text, value.text, n);
                text[n] = '\0';
                r = item(context, text, n);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
        return recread_at_end(&read) ? 0 : -EBADMSG;
}
