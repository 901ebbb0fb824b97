/* The policy snapshot: what a session may run and read.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * A snapshot is made once, from files, and never changes. All strings that the getters return belong to it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/policy/limits.h"

struct policy;
struct policy_errors; /* errors.h */

enum policy_trust {
        POLICY_ROOT_ONLY, /* every file and each of its parents root's, not group- or world-writable: a live policy */
        POLICY_ANY_OWNER, /* for an operator who tries a file of his own: owners and modes are not looked at */
};

/* Reads `path`, then each .conf file of policy.d/ beside it in byte order, then from the profiles directory NAME.conf of each
 * command that `[session] commands` enables. 0 and a snapshot, or -EINVAL with every error in *errors (file:line:column: text), or
 * -errno when nothing could be read at all (also described in *errors). */
int policy_load(const char *path, enum policy_trust trust, struct policy_errors *errors, struct policy **ret_policy);

void policy_free(struct policy *policy);
static inline void policy_free_at(struct policy **policy)
{
        policy_free(*policy);
}
#define cleanup_policy __attribute__((cleanup(policy_free_at)))

/* Lower-case hex SHA-256 over the bytes of all files in the order of reading, each preceded by its name and length. */
const char *policy_sha256(const struct policy *policy);

/* Who asks. */
struct policy_login {
        const char *fingerprint; /* of the key, "SHA256:…"; NULL when it was not by key */
        int64_t time_s; /* now, seconds since 1970 */
};

/* What a key may use up. */
struct policy_quota {
        const char *key; /* name of its section; NULL: it has none */
        unsigned rate; /* command lines in a minute; 0: any number */
        unsigned concurrency; /* commands at once, over all sessions; 0: any number */
};

/* Whether the kernel's audit is told, and whether nothing runs without it. */
enum policy_audit { POLICY_AUDIT_YES, POLICY_AUDIT_NO, POLICY_AUDIT_REQUIRED };
enum policy_audit policy_audit(const struct policy *policy);

/* Commands at once in one session; 0: any number. */
unsigned policy_concurrency(const struct policy *policy);

struct policy_quota policy_quota_of(const struct policy *policy, const char *fingerprint);

/* A fingerprint of [key NAME], or NULL. */
const char *policy_key_fingerprint(const struct policy *policy, const char *name);

/* The most that any command may use up by its rule: what bounds a session as a whole must leave room for it. */
struct limits policy_limits(const struct policy *policy);

/* Patterns as written: absolute, may hold glob characters. NULL-terminated, never NULL. */
char *const *policy_allow(const struct policy *policy);
char *const *policy_list(const struct policy *policy); /* may be listed, not read */
char *const *policy_deny(const struct policy *policy);

/* Trees that programs may read for their own needs but that are no operands by themselves. */
char *const *policy_runtime(const struct policy *policy);

/* What the rules of single commands read besides (`reads`). */
char *const *policy_reads(const struct policy *policy);

/* NETWORK_* (decide.h) of all rules whose program is here. */
unsigned policy_network(const struct policy *policy);

/* Every file that a session may execute: resolved programs, their ELF interpreters, helpers. No duplicates. */
char *const *policy_programs(const struct policy *policy);

/* Layers whose absence the policy accepts ("landlock-net", "landlock-scope", "landlock-ioctl", …). */
char *const *policy_accept_missing(const struct policy *policy);

/* Names of the commands with a rule, sorted; sub-commands as "systemctl status". */
size_t policy_command_count(const struct policy *policy);
const char *policy_command_name(const struct policy *policy, size_t index);

/* Why that command cannot run on this host (not installed, a script, not root's), or NULL when it can. */
const char *policy_command_problem(const struct policy *policy, size_t index);
