/* All errors of a policy, each with its place.
 *
 * Linked by: diag-supervisor, diagctl, diag-ship.
 */
#pragma once

#include <stddef.h>

#include "pam_diag/base/buf.h"

struct policy_errors {
        struct buf text; /* one error a line: "file:line:column: what is wrong" */
        size_t count;
};

enum { POLICY_ERRORS_TEXT_MOST = 64 * 1024 }; /* beyond that errors are only counted */

#define POLICY_ERRORS_INIT ((struct policy_errors){ .text = BUF_INIT(POLICY_ERRORS_TEXT_MOST) })

void policy_errors_free(struct policy_errors *errors);
#define cleanup_policy_errors __attribute__((cleanup(policy_errors_free)))

/* line and column count from 1; 0 leaves that part out. */
void policy_error(struct policy_errors *errors, const char *file, unsigned line, unsigned column, const char *format,
                  ...) __attribute__((format(printf, 5, 6)));
