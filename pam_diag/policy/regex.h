/* Regular expressions of profiles.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * POSIX extended ones (regex(7)), of which only the plain part is taken: no anchors (the whole value must match), no
 * back references, no collating elements, one repetition for an atom, and no more than REGEX_COST_MOST atoms once all repetitions
 * are written out. So a checked expression always compiles; that is done at its first use, since a session uses few of the
 * hundreds in a policy.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"

enum { REGEX_COST_MOST = 10000, REGEX_DEPTH_MOST = 16, REGEX_REPEAT_MOST = 4096 };

struct regex;

/* 0; -EINVAL with the reason and its place in *wrong; -ENOMEM. */
int regex_new(const char *text, struct regex **ret_regex, struct buf *wrong);
void regex_free(struct regex *regex);

/* The whole value. False also when memory ends: nothing is let through then. */
bool regex_matches(struct regex *regex, const char *value);
