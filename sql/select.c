#include "sql/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"
#include "sql/internal.h"

enum { TEXT_MOST = 64 * 1024, FEW_SESSIONS = 1000 };

/* Parameters have fixed numbers, used or not. The texts are as they stand in a record, escaped: inside a JSON string every quotation
 * mark has a backslash before it, so `"user":"diag"` is found as a member only, and whole. */
enum { P_SINCE = 1, P_UNTIL, P_SESSION, P_USER, P_KEY, P_KEY_NAME, P_CLIENT, P_RULE, P_PATH, P_WORD, P_AFTER, P_MOST };

#define WHO(parameter) "instr(o.rec, ?" parameter ") > 0"
static const char user_is[] = WHO("4");
static const char key_is[] = "(" WHO("5") " OR " WHO("6") ")";
static const char client_is[] = WHO("7");

/* The instr before it spares most rows from being taken apart. */
static const char path_is[] =
        " AND instr(e.rec, ?9) > 0 AND EXISTS (SELECT 1 FROM json_tree(e.rec) AS w, (SELECT ?10 ->> '$' AS path) AS p "
        "WHERE w.type = 'text' AND (w.path GLOB '*.argv' OR w.path GLOB '*.words') AND ("
        "substr(w.value, 1, length(p.path) + 1) = p.path || '/' OR instr(w.value, '=' || p.path || '/') > 0 OR "
        "(p.path <> '' AND (w.value = p.path OR substr(w.value, -length(p.path) - 1) = '=' || p.path))))";

/* event_time begins with the kind: with each of them named it finds a span of time without reading every row. */
static const char span_by_index[] =
        " AND e.kind IN ('open', 'exec', 'child', 'exit', 'close', 'monitor', 'head', 'prune')"
        " AND e.time >= ?1 AND e.time < ?2";
static const char span_by_row[] = " AND +e.time >= ?1 AND +e.time < ?2";

/* How rows are found: by walking along seq, or by their session. */
enum way { WAY_WALK, WAY_SESSIONS };

static bool names_who(const struct select_filter *filter)
{
        return filter->user != NULL || filter->key != NULL || filter->client != NULL;
}

static bool has_span(const struct select_filter *filter)
{
        return filter->since_us != 0 || filter->until_us != 0;
}

static const char *verdict_is(const char *verdict)
{
        static const char *const conditions[][2] = {
                { "allow", " AND e.verdict = 'allow'" },
                { "deny", " AND e.verdict = 'deny'" },
                { "help", " AND e.verdict = 'help'" },
        };

        for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
                if (strcmp(conditions[i][0], verdict) == 0)
                        return conditions[i][1];
        return NULL;
}

void select_put_who(struct buf *sql, const struct select_filter *filter)
{
        if (filter->user != NULL)
                buf_printf(sql, " AND %s", user_is);
        if (filter->key != NULL)
                buf_printf(sql, " AND %s", key_is);
        if (filter->client != NULL)
                buf_printf(sql, " AND %s", client_is);
}

static void put_sessions(struct buf *sql, const struct select_filter *filter, enum way way)
{
        if (way == WAY_SESSIONS)
                buf_put_text(sql, " AND e.session IN (SELECT o.session FROM event AS o WHERE o.kind = 'open'");
        else
                buf_put_text(sql, " AND EXISTS (SELECT 1 FROM event AS o WHERE o.session = e.session AND "
                                  "o.invocation IS NULL AND +o.kind = 'open'");
        select_put_who(sql, filter);
        buf_put_char(sql, ')');
}

static void put_conditions(struct buf *sql, const struct select_filter *filter, enum way way, bool after)
{
        buf_put_text(sql, after ? "e.seq > ?11" : "e.seq > 0");
        if (has_span(filter))
                buf_put_text(sql,
                             after || way == WAY_SESSIONS || filter->session != NULL ? span_by_row : span_by_index);
        if (filter->session != NULL)
                buf_put_text(sql, after ? " AND +e.session = ?3" : " AND e.session = ?3");
        if (filter->verdict != NULL)
                buf_put_text(sql, verdict_is(filter->verdict));
        if (filter->rule != NULL)
                buf_put_text(sql, " AND instr(e.rec, ?8) > 0");
        if (names_who(filter))
                put_sessions(sql, filter, way);
        if (filter->path != NULL)
                buf_put_text(sql, path_is);
}

static void bind_member(sqlite3_stmt *statement, int parameter, const char *name, const char *value)
{
        cleanup_buf struct buf text = BUF_INIT(TEXT_MOST);

        if (value == NULL)
                return;
        buf_printf(&text, "\"%s\":", name);
        json_put_text(&text, value);
        (void)sqlite3_bind_text(statement, parameter, text.data, -1, SQLITE_TRANSIENT);
}

/* As JSON text, and the same without its quotation marks, which is what stands inside of a longer word. */
static void bind_path(sqlite3_stmt *statement, const char *path)
{
        cleanup_buf struct buf text = BUF_INIT(TEXT_MOST);
        size_t length = path == NULL ? 0 : strlen(path);

        if (path == NULL)
                return;
        while (length > 0 && path[length - 1] == '/')
                length--;
        json_put_bytes(&text, path, length);
        if (text.error != 0)
                return;
        (void)sqlite3_bind_text(statement, P_WORD, text.data, (int)text.length, SQLITE_TRANSIENT);
        (void)sqlite3_bind_text(statement, P_PATH, length == 0 ? "/" : text.data + 1,
                                length == 0 ? 1 : (int)text.length - 2, SQLITE_TRANSIENT);
}

/* A parameter that a statement does not have is refused by SQLite, and not missed. */
void select_bind(sqlite3_stmt *statement, const struct select_filter *filter, int64_t after, size_t most)
{
        (void)sqlite3_bind_int64(statement, P_SINCE, filter->since_us);
        (void)sqlite3_bind_int64(statement, P_UNTIL, filter->until_us == 0 ? INT64_MAX : filter->until_us);
        (void)sqlite3_bind_text(statement, P_SESSION, filter->session, -1, SQLITE_STATIC);
        bind_member(statement, P_USER, "user", filter->user);
        bind_member(statement, P_KEY, "key", filter->key);
        bind_member(statement, P_KEY_NAME, "key_name", filter->key);
        bind_member(statement, P_CLIENT, "client", filter->client);
        bind_member(statement, P_RULE, "rule", filter->rule);
        bind_path(statement, filter->path);
        (void)sqlite3_bind_int64(statement, P_AFTER, after);
        (void)sqlite3_bind_int64(statement, P_MOST, most > INT64_MAX ? INT64_MAX : (int64_t)most);
}

/* Few sessions of one's: their rows are looked up. Many: the newest rows are soon found among all. */
static int choose_way(struct auditdb *db, const struct select_filter *filter, enum way *ret_way,
                      struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        cleanup_buf struct buf sql = BUF_INIT(TEXT_MOST);
        int code;
        int r;

        *ret_way = WAY_WALK;
        if (!names_who(filter) || has_span(filter) || filter->session != NULL)
                return 0;
        buf_put_text(&sql, "SELECT count(*) FROM (SELECT 1 FROM event AS o WHERE o.kind = 'open'");
        select_put_who(&sql, filter);
        buf_put_text(&sql, " ORDER BY o.time DESC LIMIT ?12)");
        r = sql.error != 0 ? why_errno(db, ret_why, sql.error, "cannot read rows")
                           : auditdb_prepare(db, sql.data, &statement, ret_why);
        if (r < 0)
                return r;
        select_bind(statement, filter, 0, FEW_SESSIONS);
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read rows");
        if (sqlite3_column_int(statement, 0) < FEW_SESSIONS)
                *ret_way = WAY_SESSIONS;
        return 0;
}

struct seqs {
        int64_t *list;
        size_t count;
        size_t size;
};

static int seqs_add(struct seqs *seqs, int64_t seq)
{
        if (seqs->count == seqs->size) {
                size_t size = seqs->size == 0 ? 64 : 2 * seqs->size;
                int64_t *longer = reallocarray(seqs->list, size, sizeof(*longer));

                if (longer == NULL)
                        return -ENOMEM;
                seqs->list = longer;
                seqs->size = size;
        }
        seqs->list[seqs->count++] = seq;
        return 0;
}

static void reverse(struct seqs *seqs)
{
        for (size_t i = 0; i < seqs->count / 2; i++) {
                int64_t one = seqs->list[i];

                seqs->list[i] = seqs->list[seqs->count - 1 - i];
                seqs->list[seqs->count - 1 - i] = one;
        }
}

static int collect(struct auditdb *db, sqlite3_stmt *statement, struct seqs *seqs, struct auditdb_why *ret_why)
{
        for (;;) {
                int code = sqlite3_step(statement);

                if (code == SQLITE_DONE)
                        return 0;
                if (code != SQLITE_ROW)
                        return why_sqlite(db, ret_why, code, "cannot read rows");
                if (seqs_add(seqs, sqlite3_column_int64(statement, 0)) < 0)
                        return why_errno(db, ret_why, -ENOMEM, "cannot read rows");
        }
}

static int select_rows(struct auditdb *db, const struct select_filter *filter, bool after, int64_t from, size_t most,
                       struct seqs *seqs, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        cleanup_buf struct buf sql = BUF_INIT(TEXT_MOST);
        enum way way = WAY_WALK;
        int r = identity_check(db, ret_why);

        if (r == 0 && filter->verdict != NULL && verdict_is(filter->verdict) == NULL)
                r = why_errno(db, ret_why, -EINVAL, "no such verdict");
        if (r == 0 && !after)
                r = choose_way(db, filter, &way, ret_why);
        if (r < 0)
                return r;
        buf_put_text(&sql, "SELECT e.seq FROM event AS e WHERE ");
        put_conditions(&sql, filter, way, after);
        buf_printf(&sql, " ORDER BY e.seq %s LIMIT ?12", after ? "" : "DESC");
        r = sql.error != 0 ? why_errno(db, ret_why, sql.error, "cannot read rows")
                           : auditdb_prepare(db, sql.data, &statement, ret_why);
        if (r < 0)
                return r;
        select_bind(statement, filter, from, most);
        return collect(db, statement, seqs, ret_why);
}

static int give(int r, struct seqs *seqs, int64_t **ret_seqs, size_t *ret_count)
{
        if (r < 0) {
                free(seqs->list);
                return r;
        }
        *ret_seqs = seqs->list;
        *ret_count = seqs->count;
        return 0;
}

int auditdb_select_newest(struct auditdb *db, const struct select_filter *filter, size_t most, int64_t **ret_seqs,
                          size_t *ret_count, struct auditdb_why *ret_why)
{
        struct seqs seqs = { 0 };
        int r = select_rows(db, filter, false, 0, most, &seqs, ret_why);

        reverse(&seqs);
        return give(r, &seqs, ret_seqs, ret_count);
}

int auditdb_select_after(struct auditdb *db, const struct select_filter *filter, int64_t after, size_t most,
                         int64_t **ret_seqs, size_t *ret_count, struct auditdb_why *ret_why)
{
        struct seqs seqs = { 0 };
        int r = select_rows(db, filter, true, after, most, &seqs, ret_why);

        return give(r, &seqs, ret_seqs, ret_count);
}
