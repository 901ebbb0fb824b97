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

int main(void)
{
        const TTest *const tests[] = { all_steps_from_nothing, only_the_steps_above,
                                       a_failing_step_leaves_the_old_version, the_steps_are_numbered };

        return RUN_SUITE("sql/migrate", tests);
}
