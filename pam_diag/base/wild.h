/* Patterns of glob(7), of which a leading dot is a character like any other.
 *
 * Linked by: pam_diag.so, diag-supervisor, diag-shell, diagctl, diag-prober.
 *
 * What a policy denies by a pattern must be what its patterns are compared with elsewhere: fnmatch(3) without FNM_PERIOD. glob(3) cannot say that:
 * its GLOB_PERIOD matches "." and "..", and does not reach the components before the last (glibc 2.36).
 */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "pam_diag/base/buf.h"

/* Only the path that it spells matches. */
static inline bool wild_is_plain(const char *pattern)
{
        return strpbrk(pattern, "*?[\\") == NULL;
}

/* The entries of a directory but "." and "..": of each its type (readdir(3)), a byte, and its name with its NUL. *ret_names is the callee's, and
 * good until the next call. 0 with none for a directory that has no say in the matter; what else it returns ends the expansion. */
typedef int wild_list(void *context, const char *directory, const struct buf **ret_names);

/* What an absolute pattern with at least one name matches now, in no order; what stands behind its last wildcard is not looked for: it may not
 * be there. NULL for nothing. -ENOMEM or what `list` returned. */
int wild_expand(const char *pattern, wild_list *list, void *context, char ***ret_paths);

/* The same, as this process sees it: a directory that it cannot read has no entries. */
int wild_matches(const char *pattern, char ***ret_paths);

/* Appends the entries of a directory. -errno of opendir(3) or readdir(3), -ENOMEM, or the buffer's error when it is full. */
int wild_read(const char *directory, struct buf *names);
