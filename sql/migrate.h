/* Forward migrations, in numbered steps.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include <sqlite3.h>
#include <stddef.h>

/* Step n takes a database from version n - 1 to n; its SQL ends by setting user_version. There is no way back. */
struct migrate_step {
        int version;
        const char *sql;
};

extern const struct migrate_step migrate_steps[];
extern const size_t migrate_step_count;

/* Applies the steps above the database's user_version, and makes the views again if there were any, all in one
 * transaction: an interrupted migration leaves the old version. The caller holds the outer lock. An SQLite code. */
int migrate_run(sqlite3 *sql, const struct migrate_step *steps, size_t count, const char *views);
