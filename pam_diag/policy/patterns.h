/* Path patterns of [paths]: absolute, `*`, `?` and `[…]` within one component.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure. A pattern stands for what it matches and everything below.
 */
#pragma once

#include <stdbool.h>

/* Without `//`, `.` components and a slash at the end. -EINVAL when the path is relative or holds `..`. */
int pattern_normalise(const char *written, char **ret_pattern);

/* `.`, `..` and `//` taken out by the text alone: where the path leads when there is no link. -EINVAL when relative. */
int path_normalise(const char *path, char **ret_path);

/* Does one of the patterns match the path or one of its ancestors? The path is a normalised one. */
bool patterns_cover(char *const *patterns, const char *path);

/* The pattern that does, or NULL. */
const char *patterns_find(char *const *patterns, const char *path);
