/* The built-in help: what may be run here, and how.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/snapshot.h"

/* All commands with their summaries. */
int help_list(const struct policy *policy, char **ret_text);

/* One command, or one of its sub-commands when `sub` is not NULL. -ENOENT when there is none. */
int help_command(const struct policy *policy, const char *name, const char *sub, char **ret_text);

/* What to write instead of a command that has no rule, or NULL. */
const char *help_instead(const char *name);
