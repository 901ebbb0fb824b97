/* What a policy snapshot holds. Only this room looks inside.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/grammar.h"
#include "pam_diag/policy/policy.h"

enum { POLICY_SHA256_HEX = 64 };

struct policy {
        char sha256[POLICY_SHA256_HEX + 1];
        char **allow;
        char **list; /* may be listed, not read */
        char **deny; /* the built-in ones first */
        char **deny_resolved; /* where links lead that lie on a deny pattern's way */
        char **runtime;
        char **reads; /* of all rules */
        char **hosts; /* patterns; NULL: any */
        char *hosts_reason; /* may be NULL */
        char **programs;
        char **accept_missing;
        char **search; /* directories */
        char *profiles;
        uint64_t timeout_ms;
        uint64_t output_most;
        struct command **commands; /* sorted by name */
        size_t command_count;
        const struct rule **rules; /* of all commands, sorted by name */
        const char **problems; /* of rules[i]'s command */
        size_t rule_count;
};

const struct command *policy_command(const struct policy *policy, const char *name);
