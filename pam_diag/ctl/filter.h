/* Which rows an operator asks for: the options that `log` and `sessions` share.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/ctl/command.h"
#include "sql/select.h"

/* As they stand on the command line; NULL: not given. */
struct filter_words {
        const char *since;
        const char *until;
        const char *session; /* a beginning of its name */
        const char *user;
        const char *key;
        const char *client;
        const char *verdict;
        const char *rule;
        const char *path;
};

/* A filter and the texts that it points to. */
struct filter {
        struct select_filter select;
        char session[33];
};

/* Checks and turns them into a filter; what does not need the database. CTL_GOOD, or CTL_USAGE after it has been said on stderr. */
int filter_read(const struct ctl_command *command, const struct filter_words *words, struct filter *ret_filter);

/* Finds the session that is meant, if one is named. 0, or the error with *ret_why. */
int filter_find_session(struct auditdb *db, const struct filter_words *words, struct filter *filter,
                        struct auditdb_why *ret_why);
