/* Where a path leads to on the live filesystem: every link followed by hand.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * The answer is for the message and the record; the kernel (masks, Landlock) is what holds when the tree changes
 * between this look and the open.
 */
#pragma once

#include "pam_diag/policy/decide.h"

/* The resolver that looks at the filesystem of the calling process. */
extern const struct path_resolver path_resolver_live;
