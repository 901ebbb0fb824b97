/* sql/migrate.c: steps go forward, once, all or nothing. */
#include "sql/migrate.h"
#include "tests/unit/sql_help.h"

static const char views[] = "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT * FROM t;";

static const struct migrate_step steps[] = {
        { 1, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1); PRAGMA user_version = 1;" },
        { 2, "ALTER TABLE t ADD COLUMN b INTEGER; PRAGMA user_version = 2;" },
        { 3, "UPDATE t SET b = a + 1; PRAGMA user_version = 3;" },
};

static sqlite3 *open_plain(void)
{
        sqlite3 *sql = NULL;

        ck_assert_int_eq(sqlite3_open(db_path, &sql), SQLITE_OK);
        return sql;
}

START_TEST(all_steps_from_nothing)
{
        sqlite3 *sql = open_plain();

        ck_assert_int_eq(migrate_run(sql, steps, 3, views), SQLITE_OK);
        ck_assert_int_eq(migrate_run(sql, steps, 3, views), SQLITE_OK);
        sqlite3_close(sql);
        must_shell("PRAGMA user_version; SELECT * FROM v", "3\n1|2\n");
}
END_TEST

START_TEST(only_the_steps_above)
{
        sqlite3 *sql = open_plain();

        ck_assert_int_eq(migrate_run(sql, steps, 1, views), SQLITE_OK);
        must_shell("SELECT * FROM v", "1\n");
        ck_assert_int_eq(migrate_run(sql, steps, 3, views), SQLITE_OK);
        sqlite3_close(sql);
        must_shell("PRAGMA user_version; SELECT * FROM v", "3\n1|2\n");
}
END_TEST

START_TEST(a_failing_step_leaves_the_old_version)
{
        const struct migrate_step broken[] = { steps[0], steps[1], { 3, "UPDATE t SET nonsense = 1;" } };
        const struct migrate_step silent[] = { steps[0], { 2, "SELECT 1;" } };
        sqlite3 *sql = open_plain();

        ck_assert_int_eq(migrate_run(sql, steps, 1, views), SQLITE_OK);
        ck_assert_int_ne(migrate_run(sql, broken, 3, views), SQLITE_OK);
        ck_assert_int_ne(sqlite3_get_autocommit(sql), 0);
        must_shell("PRAGMA user_version; SELECT * FROM v", "1\n1\n");
        ck_assert_int_ne(migrate_run(sql, silent, 2, views), SQLITE_OK);
        must_shell("PRAGMA user_version; SELECT * FROM v", "1\n1\n");
        sqlite3_close(sql);
}
END_TEST

/* The real ones: numbered from 1 without a gap, the last is the version that is written. */
START_TEST(the_steps_are_numbered)
{
        char expected[16];

        for (size_t i = 0; i < migrate_step_count; i++)
                ck_assert_int_eq(migrate_steps[i].version, (int)i + 1);
        auditdb_free(must_open(AUDITDB_WRITE));
        snprintf(expected, sizeof(expected), "%zu\n", migrate_step_count);
        must_shell("PRAGMA user_version", expected);
}
END_TEST

/* Made by version 0.1.0, 30 rows, some with bytes that are no text; the working directory is the source's. */
static void copy_version_1(void)
{
        char command[256];

        snprintf(command, sizeof(command), "cp tests/sql/version-1.db %s", db_path);
        ck_assert_int_eq(system(command), 0);
}

#define ROWS_OF_1 "SELECT seq, hex(rec), hex(hash), kind, time, session, invocation, verdict FROM event"

START_TEST(a_file_of_version_1_is_brought_up_to_date)
{
        char before[65536];
        char after[65536];
        struct auditdb *db;

        copy_version_1();
        ck_assert_int_eq(shell(ROWS_OF_1, before, sizeof(before)), 0);
        must_refuse(AUDITDB_READ, -EPROTO, "older version");
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(shell(ROWS_OF_1, after, sizeof(after)), 0);
        ck_assert_str_eq(before, after);
        must_shell(
                "PRAGMA user_version; SELECT count(mac), count(*) FROM event; SELECT seq, hex(hash), mac FROM anchor",
                "2\n0|30\n0|0000000000000000000000000000000000000000000000000000000000000000|\n");
        ck_assert_int_eq(must_verify(db), 30);
        must_append(db, 1);
        ck_assert_int_eq(must_verify(db), 31);
        auditdb_free(db);
        must_shell("PRAGMA integrity_check", "ok\n");
        must_shell(".read sql/queries/chain.sql", NULL);
}
END_TEST

static void kill_at_step(int step)
{
        static const char *const steps_sql[] = { "BEGIN IMMEDIATE", "ALTER TABLE event ADD COLUMN mac BLOB" };
        sqlite3 *sql = open_plain();

        for (int i = 0; i <= step; i++)
                ck_assert_int_eq(sqlite3_exec(sql, steps_sql[i], NULL, NULL, NULL), SQLITE_OK);
        _exit(0); /* with the transaction open */
}

START_TEST(an_interrupted_migration_is_done_again)
{
        copy_version_1();
        for (int i = 0; i < 2; i++) {
                pid_t pid = fork();

                if (pid == 0)
                        kill_at_step(i);
                ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
                must_shell("PRAGMA user_version", "1\n");
        }
        auditdb_free(must_open(AUDITDB_WRITE));
        must_shell("PRAGMA user_version; PRAGMA integrity_check", "2\nok\n");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { all_steps_from_nothing,
                                       only_the_steps_above,
                                       a_failing_step_leaves_the_old_version,
                                       the_steps_are_numbered,
                                       a_file_of_version_1_is_brought_up_to_date,
                                       an_interrupted_migration_is_done_again };

        return RUN_SUITE("sql/migrate", tests);
}
