/* The JSON Schema of a row, as diag-ship writes it.
 *
 * Linked by: diag-ship.
 */
#pragma once

extern const char schema_json[]; /* schema.json, NUL-terminated */
