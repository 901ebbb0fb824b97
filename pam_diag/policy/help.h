/* The built-in help: what may be run here, and how.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/snapshot.h"

/* All commands with their summaries; with a key, those that it has. */
int help_list(const struct policy *policy, const struct key *key, char **ret_text);

/* One command, or those of its sub-commands that begin with these words (NULL-terminated; NULL: none). What follows them in a line,
 * options and operands, may stand behind: the longest beginning that fits is taken. -ENOENT when not even the first word fits. */
int help_command(const struct command *command, char *const *words, char **ret_text);

/* What to write instead of a command that has no rule, or NULL. */
const char *help_instead(const char *name);
