/* The audit database's errors as faults of a run.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/fault.h"
#include "sql/auditdb.h"

/* `error` is what a function of sql/ returned. Returns -1. */
int database_fault(int error, const struct auditdb_why *why, struct fault *fault);
