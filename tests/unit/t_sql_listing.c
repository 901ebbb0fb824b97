/* sql/listing.c: denied lines with who asked, newest first. */
#include "sql/listing.h"

#include "tests/unit/sql_help.h"

#define OTHER "ffffffffffffffffffffffffffffffff"

static char seen[8192];

static int see(void *context, const struct listing_denied *row)
{
        size_t used = strlen(seen);

        ck_assert_uint_eq(row->line_length, strlen(row->line));
        snprintf(seen + used, sizeof(seen) - used, "%lld %lld %.4s %s|%s|%s|%s|%s|%s\n", (long long)row->seq,
                 (long long)row->time_us, row->session, row->line, row->code != NULL ? row->code : "-",
                 row->reason != NULL ? row->reason : "-", row->user != NULL ? row->user : "-",
                 row->key != NULL ? row->key : "-", row->client != NULL ? row->client : "-");
        return *(int *)context;
}

static void put_exec(struct auditdb *db, const char *session, int64_t time_us, const char *verdict, const char *line)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);

        ck_assert_int_eq(rec_put_exec(&rec, &(struct rec_exec){ .time_us = time_us,
                                                                .session = session,
                                                                .invocation = 1,
                                                                .verdict = verdict,
                                                                .line = line,
                                                                .line_length = strlen(line),
                                                                .code = "option",
                                                                .reason = "why" }),
                         0);
        ck_assert_int_eq(auditdb_append(db, rec.data, rec.length, NULL, &why), 0);
}

static struct auditdb *filled(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);

        ck_assert_int_eq(rec_put_open(&rec, &(struct rec_open){ .time_us = 1000,
                                                                .session = SESSION,
                                                                .user = "diag",
                                                                .client = "10.0.0.7",
                                                                .key = "SHA256:abc" }),
                         0);
        ck_assert_int_eq(auditdb_append(db, rec.data, rec.length, NULL, &why), 0);
        put_exec(db, SESSION, 2000, "deny", "old");
        put_exec(db, SESSION, 3000, "allow", "not this");
        put_exec(db, OTHER, 4000, "deny", "a\nb");
        buf_clear(&rec);
        ck_assert_int_eq(rec_put_child(&rec, &(struct rec_child){ .time_us = 5000,
                                                                  .session = SESSION,
                                                                  .invocation = 1,
                                                                  .verdict = "deny",
                                                                  .program = "/bin/sh" }),
                         0);
        ck_assert_int_eq(auditdb_append(db, rec.data, rec.length, NULL, &why), 0);
        put_exec(db, SESSION, 6000, "deny", "new");
        return db;
}

static void lists(struct auditdb *db, int64_t since, size_t most, int answer, int result, const char *wanted)
{
        seen[0] = '\0';
        ck_assert_int_eq(auditdb_denied(db, since, most, see, &answer, &why), result);
        ck_assert_str_eq(seen, wanted);
}

#define NEW "6 6000 0123 new|option|why|diag|SHA256:abc|10.0.0.7\n"
#define MIDDLE "4 4000 ffff a\nb|option|why|-|-|-\n"
#define OLD "2 2000 0123 old|option|why|diag|SHA256:abc|10.0.0.7\n"

START_TEST(denied_lines)
{
        struct auditdb *db = filled();

        lists(db, 0, 100, 0, 0, NEW MIDDLE OLD);
        lists(db, 4000, 100, 0, 0, NEW MIDDLE);
        lists(db, 4001, 100, 0, 0, NEW);
        lists(db, 7000, 100, 0, 0, "");
        lists(db, 0, 2, 0, 0, NEW MIDDLE);
        lists(db, 0, 100, 1, 0, NEW);
        lists(db, 0, 100, -ECANCELED, -ECANCELED, NEW);
        auditdb_free(db);
}
END_TEST

START_TEST(by_the_index)
{
        struct auditdb *db = filled();

        auditdb_free(db);
        must_shell("EXPLAIN QUERY PLAN SELECT seq FROM event WHERE verdict = 'deny' AND +kind = 'exec' AND time >= 5 "
                   "ORDER BY time DESC, seq DESC LIMIT 3",
                   "QUERY PLAN\n`--SEARCH event USING INDEX event_denied (time>?)\n");
}
END_TEST

START_TEST(a_replaced_database)
{
        struct auditdb *db = filled();
        int answer = 0;

        ck_assert_int_eq(unlink(db_path), 0);
        ck_assert_int_eq(auditdb_denied(db, 0, 1, see, &answer, &why), -ESTALE);
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { denied_lines, by_the_index, a_replaced_database };

        return RUN_SUITE("sql_listing", tests);
}
