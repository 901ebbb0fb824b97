/* The .sql files: the triggers, the computed columns, and every query in the stock sqlite3 shell. */
#include "tests/unit/sql_help.h"

static void put(struct auditdb *db, const char *(*build)(struct buf *))
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        const char *what = build(&buf);
        int r = auditdb_append(db, buf.data, buf.length, NULL, &why);

        ck_assert_msg(r == 0, "%s: %s", what, why.text);
        buf_free(&buf);
}

static const char *build_open(struct buf *buf)
{
        struct rec_open rec = { .time_us = 1700000000000001,
                                .session = SESSION,
                                .user = "diag",
                                .auid = -1,
                                .client = "2001:db8::1",
                                .host = "web-02",
                                .key = "SHA256:abc" };

        ck_assert_int_eq(rec_put_open(buf, &rec), 0);
        return "open";
}

/* What would take over a terminal, and would be a second row if it were obeyed. */
#define HOSTILE "cat \x1b[2J\n2|forged\r\"invocation\":99,\"kind\":\"close\"\xff"

static const char *build_deny(struct buf *buf)
{
        char *words[] = { (char[]){ "cat" }, (char[]){ HOSTILE }, NULL };
        struct rec_stage stage = { .words = words };
        struct rec_exec rec = { .time_us = 1700000000000002,
                                .session = SESSION,
                                .invocation = 1,
                                .verdict = "deny",
                                .line = HOSTILE,
                                .line_length = strlen(HOSTILE),
                                .code = "path",
                                .reason = "no " HOSTILE,
                                .word = 2,
                                .stages = &stage,
                                .stage_count = 1 };

        ck_assert_int_eq(rec_put_exec(buf, &rec), 0);
        return "deny";
}

static const char *build_exit(struct buf *buf)
{
        static const int statuses[] = { 0 };
        struct rec_exit rec = { .time_us = 1700000000000004,
                                .session = SESSION,
                                .invocation = 2,
                                .how = "exited",
                                .duration_us = 12345,
                                .stdout_bytes = 7,
                                .stage_status = statuses,
                                .stage_count = 1 };

        ck_assert_int_eq(rec_put_exit(buf, &rec), 0);
        return "exit";
}

static void fill(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        put(db, build_open);
        put(db, build_deny);
        must_append(db, 2);
        put(db, build_exit);
        must_append(db, 3);
        auditdb_free(db);
}

static void must_abort(const char *sql, const char *word)
{
        char output[4096];

        ck_assert_int_ne(shell(sql, output, sizeof(output)), 0);
        ck_assert_msg(strstr(output, word) != NULL, "%s: %s", sql, output);
}

START_TEST(rows_are_never_changed)
{
        struct auditdb *db;

        fill();
        must_abort("UPDATE event SET rec = rec || ' ' WHERE seq = 1", "never changed");
        must_abort("UPDATE event SET seq = 99 WHERE seq = 1", "never changed");
        must_abort("DELETE FROM event WHERE seq = 5", "never deleted");
        must_abort("DELETE FROM event", "never deleted");
        must_abort("INSERT OR REPLACE INTO event (seq, rec, hash) SELECT 2, rec, hash FROM event WHERE seq = 1",
                   "never replaced");
        must_abort("REPLACE INTO event (seq, rec, hash) SELECT seq, rec, hash FROM event", "never replaced");
        must_abort("INSERT INTO event (seq, rec, hash) SELECT seq, rec, hash FROM event WHERE seq = 1 "
                   "ON CONFLICT DO UPDATE SET rec = ''",
                   "never");
        must_abort("UPDATE meta SET value = 'x'", "never changes");
        must_abort("DELETE FROM meta", "never changes");
        must_abort("REPLACE INTO meta VALUES ('uuid', 'x')", "never changes");
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(must_verify(db), 5);
        auditdb_free(db);
}
END_TEST

START_TEST(numbers_have_no_gap)
{
        fill();
        must_abort("INSERT INTO event (seq, rec, hash) SELECT 7, rec, hash FROM event WHERE seq = 1", "without gaps");
        must_abort("INSERT INTO event (seq, rec, hash) SELECT 0, rec, hash FROM event WHERE seq = 1", "without gaps");
        must_abort("INSERT INTO event (seq, rec, hash) SELECT -4, rec, hash FROM event WHERE seq = 1", "without gaps");
        must_abort("INSERT INTO event (rec, hash) VALUES ('x', zeroblob(32))", "CHECK");
        must_abort("INSERT INTO event (rec, hash) SELECT rec, zeroblob(31) FROM event WHERE seq = 1", "CHECK");
        must_abort("INSERT INTO event (rec, hash) SELECT CAST(rec AS BLOB), hash FROM event WHERE seq = 1", "TEXT");
}
END_TEST

START_TEST(columns_follow_the_record)
{
        fill();
        must_shell("SELECT seq, kind, time, session, invocation, verdict FROM event",
                   "1|open|1700000000000001|" SESSION "||\n"
                   "2|exec|1700000000000002|" SESSION "|1|deny\n"
                   "3|exec|1700000000000002|" SESSION "|2|allow\n"
                   "4|exit|1700000000000004|" SESSION "|2|\n"
                   "5|exec|1700000000000003|" SESSION "|3|allow\n");
        /* The same as the JSON functions say. */
        must_shell(
                "SELECT count(*) FROM event WHERE kind IS rec ->> '$.kind' AND time IS rec ->> '$.time' AND session IS "
                "rec ->> '$.session' AND invocation IS rec ->> '$.invocation' AND verdict IS rec ->> '$.verdict'",
                "5\n");
}
END_TEST

/* No control byte but the newline of each row, and no more rows than there are. */
static void must_be_harmless(const char *sql, size_t rows)
{
        char output[16384];
        size_t lines = 0;
        int status = shell(sql, output, sizeof(output));

        ck_assert_msg(status == 0, "%s: %s", sql, output);
        for (const char *c = output; *c != '\0'; c++) {
                lines += *c == '\n';
                ck_assert_msg((unsigned char)*c >= 0x20 || *c == '\n', "%s: byte %d in %s", sql, *c, output);
        }
        ck_assert_msg(lines == rows, "%s: %zu rows: %s", sql, lines, output);
}

START_TEST(views_show_what_happened)
{
        fill();
        must_shell("SELECT session, user, client, key, host, opened, closed FROM session",
                   SESSION "|diag|2001:db8::1|SHA256:abc|web-02|2023-11-14T22:13:20.000001Z|\n");
        must_shell("SELECT invocation, time, user, verdict, code, rule, argv, how, status, duration_ms FROM command",
                   "1|2023-11-14T22:13:20.000002Z|diag|deny|path|||||\n"
                   "2|2023-11-14T22:13:20.000002Z|diag|allow||cat|[\"cat\",\"/etc/hosts\"]|exited|0|12\n"
                   "3|2023-11-14T22:13:20.000003Z|diag|allow||cat|[\"cat\",\"/etc/hosts\"]|||\n");
        must_be_harmless("SELECT * FROM command", 3);
        must_be_harmless("SELECT * FROM session", 1);
}
END_TEST

/* Of the day of our rows. */
static void must_answer(const char *query, size_t rows)
{
        char path[256];
        char read_it[512];
        char text[512];
        int fd;

        snprintf(path, sizeof(path), "%s/ask", home);
        snprintf(text, sizeof(text), ".param set :since \"'2023-11-14'\"\n.read sql/queries/%s\n", query);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
        snprintf(read_it, sizeof(read_it), ".read %s", path);
        must_be_harmless(read_it, rows);
}

START_TEST(queries_run_in_the_stock_shell)
{
        fill();
        must_answer("denied.sql", 1);
        must_answer("sessions.sql", 1);
        must_answer("unfinished.sql", 1);
        must_answer("chain.sql", 1);
}
END_TEST

static void must_say(const char *begin)
{
        char output[4096];

        ck_assert_int_eq(shell(".read sql/queries/chain.sql", output, sizeof(output)), 0);
        ck_assert_msg(strncmp(output, begin, strlen(begin)) == 0, "%s", output);
}

START_TEST(the_stock_shell_verifies_the_chain)
{
        auditdb_free(must_open(AUDITDB_WRITE));
        must_say("ok||0|0|");
        fill();
        must_say("ok||5|5|");
        must_shell("DROP TRIGGER event_no_update; UPDATE event SET rec = replace(rec, 'diag', 'root') WHERE seq = 1",
                   NULL);
        must_say("BROKEN|row 1 does not fit|5|5|");
}
END_TEST

START_TEST(the_stock_shell_finds_missing_rows)
{
        fill();
        must_shell("DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = 5", NULL);
        must_say("BROKEN|rows after 4 are missing, up to 5|4|4|");
        must_shell("DELETE FROM event WHERE seq = 2", NULL);
        must_say("BROKEN|row 3 does not fit|3|4|");
}
END_TEST

static size_t count_of(const char *text, const char *word)
{
        size_t n = 0;

        for (const char *c = text; (c = strstr(c, word)) != NULL; c++)
                n++;
        return n;
}

static void plan_of(const char *path, char *output, size_t size)
{
        static const char explain[] = "EXPLAIN QUERY PLAN ";
        char sql[4096] = "";
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        memcpy(sql, explain, sizeof(explain));
        ck_assert_int_gt(read(fd, sql + sizeof(explain) - 1, sizeof(sql) - sizeof(explain)), 0);
        close(fd);
        ck_assert_msg(shell(sql, output, size) == 0, "%s", output);
}

/* Queries by session and by day must not read the whole table. */
START_TEST(indexes_are_used)
{
        char output[4096];

        fill();
        shell("EXPLAIN QUERY PLAN SELECT rec FROM event WHERE session = 'a' AND invocation = 1", output,
              sizeof(output));
        ck_assert_ptr_nonnull(strstr(output, "event_session"));
        shell("EXPLAIN QUERY PLAN SELECT rec FROM event WHERE kind = 'exec' AND time > 5", output, sizeof(output));
        ck_assert_ptr_nonnull(strstr(output, "event_time"));
        shell("EXPLAIN QUERY PLAN SELECT rec FROM event WHERE verdict = 'deny' AND time > 5", output, sizeof(output));
        ck_assert_ptr_nonnull(strstr(output, "event_denied"));
        shell("EXPLAIN QUERY PLAN SELECT * FROM command WHERE session = 'a'", output, sizeof(output));
        ck_assert_msg(strstr(output, "SCAN") == NULL, "%s", output);
        ck_assert_msg(strstr(output, "event_time") == NULL, "%s", output);
        /* By kind for the sessions themselves, and never again for what belongs to one. */
        plan_of("sql/queries/sessions.sql", output, sizeof(output));
        ck_assert_msg(strstr(output, "event_session") != NULL, "%s", output);
        ck_assert_msg(count_of(output, "event_time") <= 1, "%s", output);
        plan_of("sql/queries/denied.sql", output, sizeof(output));
        ck_assert_msg(count_of(output, "event_time") == 0 && count_of(output, "event_denied") == 1, "%s", output);
        plan_of("sql/queries/unfinished.sql", output, sizeof(output));
        ck_assert_msg(count_of(output, "event_time") <= 1, "%s", output);
}
END_TEST

#define HASH_2 "(SELECT lower(hex(hash)) FROM event WHERE seq = 2)"
#define PUT_PRUNE(anchor, hash)                                                                                       \
        "INSERT INTO event (rec, hash) SELECT "                                                                       \
        "'{\"v\":1,\"kind\":\"prune\",\"time\":1700000000000009,\"session\":\"" REC_NO_SESSION                        \
        "\",\"first\":1,\"anchor\":" anchor ",\"anchor_hash\":\"' || " hash " || '\",\"anchor_mac\":null,\"x\":0}', " \
        "zeroblob(32);"
#define MOVE(seq) "UPDATE anchor SET seq = " seq ", hash = (SELECT hash FROM event WHERE seq = 2), mac = NULL;"

/* The one way out: a prune row, then the anchor, then the rows up to it. */
START_TEST(rows_go_only_as_a_prune_row_says)
{
        fill();
        must_abort("DELETE FROM anchor", "never deleted");
        must_abort("INSERT INTO anchor VALUES (2, 0, zeroblob(32), NULL)", "one anchor");
        must_abort("INSERT OR REPLACE INTO anchor VALUES (1, 9, zeroblob(32), NULL)", "one anchor");
        must_abort(MOVE("2"), "a prune row, names");
        must_abort(PUT_PRUNE("3", HASH_2) MOVE("2"), "a prune row, names");
        must_abort(PUT_PRUNE("2", HASH_2) MOVE("3"), "a prune row, names");
        must_abort(PUT_PRUNE("2", "'00'") MOVE("2"), "a prune row, names");
        must_abort(PUT_PRUNE("9999", HASH_2) MOVE("9999"), "a prune row, names");
        /* The prune row may not lie about the row, nor leave out its mac. */
        must_abort(PUT_PRUNE("2", "printf('%064d', 0)") "UPDATE anchor SET seq = 2", "a prune row, names");
        must_abort(PUT_PRUNE("2", HASH_2) "UPDATE anchor SET seq = 2, hash = (SELECT hash FROM event WHERE seq = 2), "
                                          "mac = zeroblob(32)",
                   "a prune row, names");
        must_abort(PUT_PRUNE("2", HASH_2) "UPDATE anchor SET seq = 2", "a prune row, names");
        must_abort(PUT_PRUNE("2", HASH_2) "DELETE FROM event WHERE seq = 1", "never deleted");
        must_abort(PUT_PRUNE("2", HASH_2) MOVE("2") "DELETE FROM event WHERE seq = 3", "never deleted");
        must_abort(
                PUT_PRUNE(
                        "1",
                        "(SELECT lower(hex(hash)) FROM event WHERE seq = 1)") "UPDATE anchor SET seq = 1, hash = "
                                                                              "(SELECT hash FROM event WHERE seq = 1)",
                "a prune row, names");
        must_shell("DELETE FROM event WHERE seq <= 2; SELECT min(seq) FROM event", "3\n");
        must_abort("DELETE FROM event WHERE seq = 3", "never deleted");
        must_abort("UPDATE anchor SET seq = 1", "a prune row, names");
}
END_TEST

START_TEST(a_prune_row_names_the_mac)
{
        fill();
        must_shell("INSERT INTO event (rec, hash, mac) SELECT rec, zeroblob(32), zeroblob(32) FROM event WHERE seq = 1;"
                   "INSERT INTO event (rec, hash, mac) SELECT "
                   "'{\"v\":1,\"kind\":\"prune\",\"time\":1,\"session\":\"\",\"first"
                   "\":1,\"anchor\":6,\"anchor_hash\":\"' || printf('%064d', 0) || '\",\"anchor_mac\":null,\"x\":0}', "
                   "zeroblob(32), zeroblob(32)",
                   NULL);
        must_abort("UPDATE anchor SET seq = 6", "a prune row, names");
        must_abort("UPDATE anchor SET seq = 6, mac = zeroblob(32)", "a prune row, names");
}
END_TEST

START_TEST(macs_do_not_stop_once_they_have_begun)
{
        fill();
        must_abort("INSERT INTO event (rec, hash, mac) SELECT rec, hash, zeroblob(31) FROM event WHERE seq = 1", "mac");
        must_shell("INSERT INTO event (rec, hash, mac) SELECT rec, hash, zeroblob(32) FROM event WHERE seq = 1", NULL);
        must_abort("INSERT INTO event (rec, hash) SELECT rec, hash FROM event WHERE seq = 1",
                   "mac once there is a key");
        must_shell("INSERT INTO event (rec, hash, mac) SELECT rec, hash, zeroblob(32) FROM event WHERE seq = 1", NULL);
}
END_TEST

/* What a newer SQLite does by itself must not stop a writer: the schema calls nothing that is unsafe there. */
START_TEST(the_schema_works_untrusted)
{
        fill();
        must_shell("PRAGMA trusted_schema = OFF; " PUT_PRUNE("2", HASH_2) MOVE("2") "DELETE FROM event WHERE seq <= 2",
                   NULL);
        must_shell("PRAGMA trusted_schema = OFF; SELECT count(*), max(kind) FROM event", "4|prune\n");
}
END_TEST

START_TEST(the_stock_shell_starts_from_the_anchor)
{
        fill();
        must_shell("PRAGMA foreign_keys = ON; " PUT_PRUNE("2", HASH_2) MOVE("2") "DELETE FROM event WHERE seq <= 2",
                   NULL);
        must_say("BROKEN|row 6 does not fit|4|6|"); /* this prune row's hash is zeros */
        must_shell("DROP TRIGGER event_no_update; UPDATE event SET hash = (SELECT sha3(b.hash || event.rec, 256) FROM "
                   "event "
                   "AS b WHERE b.seq = 5) WHERE seq = 6",
                   NULL);
        must_say("ok||4|6|");
        must_shell("DROP TRIGGER anchor_moves; UPDATE anchor SET mac = zeroblob(32)", NULL);
        must_say("BROKEN|no prune row names the anchor|4|6|");
        must_shell("UPDATE anchor SET mac = NULL, hash = zeroblob(32)", NULL);
        must_say("BROKEN|row 3 does not fit|4|6|");
        must_shell("DROP TRIGGER anchor_no_delete; DELETE FROM anchor", NULL);
        must_say("BROKEN|row 3 does not fit|4|6|");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                rows_are_never_changed,
                numbers_have_no_gap,
                columns_follow_the_record,
                views_show_what_happened,
                queries_run_in_the_stock_shell,
                the_stock_shell_verifies_the_chain,
                the_stock_shell_finds_missing_rows,
                indexes_are_used,
                rows_go_only_as_a_prune_row_says,
                a_prune_row_names_the_mac,
                macs_do_not_stop_once_they_have_begun,
                the_schema_works_untrusted,
                the_stock_shell_starts_from_the_anchor,
        };

        return RUN_SUITE("sql/schema", tests);
}
