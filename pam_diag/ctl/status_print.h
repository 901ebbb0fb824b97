/* What diagctl status has found, and how it says it.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/ctl/backlog.h"
#include "sql/status.h"

/* Exit statuses, as monitoring systems take them. */
enum { STATUS_OK = 0, STATUS_WARNING = 1, STATUS_CRITICAL = 2 };

enum { STATUS_PROBLEMS_MOST = 80 };

struct status_problem {
        int level;
        char text[600];
};

struct status_report {
        int level; /* the gravest */
        struct status_problem problems[STATUS_PROBLEMS_MOST];
        size_t count;
        int64_t now_us;
        struct status status;
        uint64_t room; /* bytes that are free on the disk of the database */
        struct backlog backlog; /* seq is what counts for this database */
};
void status_report_clear(struct status_report *report);

/* One line for each fact, then one for each problem; `read` is false when the database could not be. Times are UTC, or the operator's if `local`. */
void status_print(const struct status_report *report, bool read, bool local);
/* One JSON object; `uuid` is NULL when the database could not be read. */
void status_print_json(const struct status_report *report, const char *uuid);
