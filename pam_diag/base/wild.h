/* Patterns of glob(3).
 *
 * Linked by: pam_diag.so, diag-supervisor, diag-shell, diagctl.
 */
#pragma once

#include <stdbool.h>
#include <string.h>

/* Only the path that it spells matches: glob(3) would do no more than look whether that is there. */
static inline bool wild_is_plain(const char *pattern)
{
        return strpbrk(pattern, "*?[\\") == NULL;
}
