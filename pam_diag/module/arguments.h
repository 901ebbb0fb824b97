/* The module's arguments in the PAM service file.
 *
 * Linked by: pam_diag.so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ARGUMENTS_NAMES_MOST = 32 };

/* All texts belong to libpam's argument vector. */
struct arguments {
        const char *users[ARGUMENTS_NAMES_MOST]; /* user=, repeatable; "diag" when neither user= nor group= is given */
        size_t user_count;
        const char *groups[ARGUMENTS_NAMES_MOST]; /* group=, repeatable */
        size_t group_count;
        const char *policy;
        const char *db;
        const char *supervisor;
        const char *shell;
        bool debug;
        const char *
                wrong; /* the first argument that is unknown, empty, not absolute or one too many; NULL: all are good */
};

/* Never fails and allocates nothing: who is a diag user must be known even when an argument is wrong, because then the diag users are refused
 * and nobody else. */
void arguments_parse(int argc, const char **argv, struct arguments *ret_arguments);

/* By user= alone: a comparison of names, no look-up. */
bool arguments_name_user(const struct arguments *arguments, const char *user);
