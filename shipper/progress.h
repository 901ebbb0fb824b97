/* What a person at a terminal sees of a run.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdint.h>

#include "sql/auditdb.h"

struct progress {
        const char *name;
        int64_t last_seq; /* when the run began */
        int64_t start_us;
        int64_t shown_us;
        bool any;
};

void progress_start(struct progress *progress, const char *name, struct auditdb *db);
void progress_show(struct progress *progress, uint64_t rows, int64_t seq);
void progress_end(struct progress *progress);
