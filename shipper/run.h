/* One run over the chosen sinks.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/fault.h"
#include "shipper/options.h"

/* Says on stderr what was done and what went wrong; the gravest of the sinks' results. */
enum fault_status run(const struct options *options);
