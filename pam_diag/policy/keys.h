/* What one ssh key may do: [key NAME].
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure. Rate and concurrency are only told here; diag-supervisor counts.
 */
#pragma once

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/snapshot.h"

/* The section that names the fingerprint, or NULL; `fingerprint` may be NULL. */
const struct key *key_find(const struct policy *policy, const char *fingerprint);

/* May this login ask at all? 0; -EACCES with the decision filled in when its key is unknown and must not be, or has expired; -ENOMEM. */
int key_admit(const struct policy *policy, const struct policy_login *login, struct decision *decision);

/* Does the key's subset hold something of that command; or that rule ("systemctl status")? A NULL key has all. */
bool key_has_command(const struct key *key, const char *command);
bool key_has_rule(const struct key *key, const char *rule);

/* -EACCES with the decision filled in, or -ENOMEM. */
int key_refuse(const struct key *key, const char *what, unsigned word, struct decision *decision);

/* "2026-12-31" (00:00 UTC) or "2026-12-31T18:30Z", seconds since 1970. -EINVAL. */
int key_parse_time(const char *text, int64_t *ret_time);
