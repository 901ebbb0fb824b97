/* Saying no in one line.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/decide.h"

/* Fills the decision in and returns -EACCES, or -ENOMEM. What came from the line is cut and its controls, invalid bytes and
 * direction marks are shown as \xNN: a reason is one printable line. `word` counts from 1, 0: none. */
int deny(struct decision *decision, enum decide_code code, unsigned word, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Adds what to write instead, unless there is a hint already. 0 or -ENOMEM. */
int deny_hint(struct decision *decision, const char *format, ...) __attribute__((format(printf, 2, 3)));
