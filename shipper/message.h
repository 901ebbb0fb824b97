/* One row as a sentence for people and their terminals.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"
#include "sql/export.h"

/* One line, without controls; what is long is cut. Which programs read it should read the fields. */
void message_put(struct buf *buf, const struct export_row *row);

/* The same as a string of JSON, with its quotation marks: `put` writes it where it needs escapes. 0 or -errno. */
int message_put_json(struct buf *buf, const struct export_row *row,
                     void (*put)(struct buf *buf, const char *text, size_t length));

/* A refusal is a warning, everything else information. */
bool message_is_warning(const struct export_row *row);
