/* Patterns in operands that are paths.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/match.h"

enum { GLOBS_PATHS_MOST = 1000 };

/* What the word's pattern matches now, for match->expand: absolute, without braces, at most GLOBS_PATHS_MOST paths. Each is still to be
 * judged. -EACCES with a sentence in *wrong and in *hint; -ENOMEM. */
int globs_expand(const struct match *match, const struct word *word, char ***ret_paths, struct buf *wrong,
                 struct buf *hint);
