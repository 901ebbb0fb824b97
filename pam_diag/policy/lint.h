/* What is no error in a policy but is hardly meant.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure, but that the programs of the rules are read (never run) and the filesystem is asked what a pattern matches.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/policy/errors.h"
#include "pam_diag/policy/policy.h"

/* Texts as of policy_error: "file:line:column: warning: …". */
struct policy_lints {
        struct policy_errors warnings; /* the policy should be changed, or does not fit this host */
        struct policy_errors notes; /* to be looked at; one policy may serve many hosts */
};

#define POLICY_LINTS_INIT ((struct policy_lints){ .warnings = POLICY_ERRORS_INIT, .notes = POLICY_ERRORS_INIT })

void policy_lints_free(struct policy_lints *lints);
#define cleanup_policy_lints __attribute__((cleanup(policy_lints_free)))

/* Every rule: interpreters, missing programs, texts and limits. 0 or -ENOMEM. */
int lint_commands(const struct policy *policy, struct policy_lints *lints);

/* The [paths] of one file of the policy, given as text: denies and allows without effect. 0 or -ENOMEM. */
int lint_paths(const struct policy *policy, const char *file, const char *data, size_t length,
               struct policy_lints *lints);

/* What a program of that name does beyond its task ("is a shell: …"), a sentence without its subject; NULL for any other. */
const char *lint_danger(const char *name);

/* Does the rule of that name ("systemctl status") have the option? */
bool lint_has_option(const struct policy *policy, const char *rule, const char *option);

/* --- For the files of this header. --- */

struct command;

/* lint_program.c: long options that the bytes of the program do not hold. */
int lint_options(const struct command *command, struct policy_lints *lints);
