/* Rows that a sink has refused for good, kept beside its cursor.
 *
 * Linked by: diag-ship.
 *
 * One line of JSON each: {"sink":…,"why":…,"row":{…}}, the row as line.h writes it. The file only grows, and is durable before the
 * cursor passes the row. What to do with it is an operator's decision; removing it is allowed.
 */
#pragma once

#include "shipper/batch.h"
#include "shipper/fault.h"

/* The file's name in the state directory has the cursor's stem. */
enum { DEADLETTER_NAME_SIZE = 128 };
int deadletter_store(int directory, const char *name, const struct batch *batch, struct fault *fault);
