/* What a policy snapshot holds. Only this room looks inside.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/command_index.h"
#include "pam_diag/policy/grammar.h"
#include "pam_diag/policy/policy.h"

enum { POLICY_SHA256_HEX = 64 };

/* [key NAME] */
struct key {
        char *name;
        char **fingerprints; /* "SHA256:…" */
        char **commands; /* names of commands or sub-commands; NULL: all */
        unsigned *command_lines; /* where each stands, for messages */
        bool has_expiry;
        int64_t expires_s; /* not valid any more from then on */
        unsigned rate; /* command lines in a minute; 0: any number */
        unsigned concurrency; /* commands at once, over all sessions; 0: any number */
        char *engine; /* name of the container engine that it may ask, or NULL */
        char *file;
        unsigned line;
};

struct policy {
        char sha256[POLICY_SHA256_HEX + 1];
        char **allow;
        char **list; /* may be listed, not read */
        char **deny; /* the built-in ones last */
        size_t own_denies; /* how many the policy's files name */
        char **deny_resolved; /* where links lead that lie on a deny pattern's way */
        char **runtime;
        char **reads; /* of all rules */
        unsigned network; /* of all rules */
        char **hosts; /* patterns; NULL: any */
        char *hosts_reason; /* may be NULL */
        char **programs;
        char **accept_missing;
        char **search; /* directories */
        char *profiles;
        struct limits limits;
        struct command **commands; /* sorted by name */
        size_t command_count;
        struct command_index index; /* of commands */
        struct key **keys;
        size_t key_count;
        bool refuse_unknown_keys;
        enum policy_audit audit;
        unsigned concurrency; /* commands at once in one session; 0: any number */
        const struct rule **rules; /* of all commands, sorted by name */
        const char **problems; /* of rules[i]'s command */
        size_t rule_count;
};

void key_free(struct key *key);

const struct command *policy_command(const struct policy *policy, const char *name);
