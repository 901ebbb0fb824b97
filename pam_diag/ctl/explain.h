/* A decision as text.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/decide.h"

enum { EXPLAIN_MOST = 8 * 1024 * 1024 };

/* Lines `name:  value`, for a person; what has no value has no line. Failures stay in the buffer. */
void explain_put_text(struct buf *buf, const struct decision *decision);

/* One JSON object on one line, every member always there. */
void explain_put_json(struct buf *buf, const struct decision *decision);
