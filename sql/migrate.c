#include "sql/migrate.h"

#include <stdbool.h>

#include "sql/embed.h"

const struct migrate_step migrate_steps[] = {
        { 1, sql_schema },
        { 2, sql_schema_2 },
};
const size_t migrate_step_count = sizeof(migrate_steps) / sizeof(migrate_steps[0]);

static int read_version(sqlite3 *sql, int *ret_version)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(sql, "PRAGMA user_version", -1, &statement, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
                *ret_version = sqlite3_column_int(statement, 0);
        (void)sqlite3_finalize(statement);
        return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int run_steps(sqlite3 *sql, const struct migrate_step *steps, size_t count, const char *views)
{
        int version = 0;
        bool any = false;
        int code = read_version(sql, &version);

        for (size_t i = 0; code == SQLITE_OK && i < count; i++) {
                if (steps[i].version <= version)
                        continue;
                code = sqlite3_exec(sql, steps[i].sql, NULL, NULL, NULL);
                any = true;
                if (code == SQLITE_OK)
                        code = read_version(sql, &version);
                if (code == SQLITE_OK && version != steps[i].version)
                        return SQLITE_INTERNAL; /* a step that does not say its number would run for ever */
        }
        if (code == SQLITE_OK && any)
                code = sqlite3_exec(sql, views, NULL, NULL, NULL);
        return code;
}

int migrate_run(sqlite3 *sql, const struct migrate_step *steps, size_t count, const char *views)
{
        int code = sqlite3_exec(sql, "BEGIN IMMEDIATE", NULL, NULL, NULL);

        if (code != SQLITE_OK)
                return code;
        code = run_steps(sql, steps, count, views);
        if (code == SQLITE_OK)
                code = sqlite3_exec(sql, "COMMIT", NULL, NULL, NULL);
        if (code != SQLITE_OK && sqlite3_get_autocommit(sql) == 0)
                (void)sqlite3_exec(sql, "ROLLBACK", NULL, NULL, NULL);
        return code;
}
