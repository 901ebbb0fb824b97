/* The SQL files of this folder, as they are, inside the program.
 *
 * Linked by: diag-supervisor, diag-ship, diagctl.
 */
#pragma once

extern const char sql_schema[]; /* schema.sql, NUL-terminated */
extern const char sql_schema_2[]; /* schema-2.sql */
extern const char sql_views[]; /* views.sql, NUL-terminated */
