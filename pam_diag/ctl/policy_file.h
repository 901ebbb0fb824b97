/* Loading a policy for a command of diagctl.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/policy/policy.h"

/* Loads `path` (relative to the working directory or absolute); *ret_path is the absolute one (malloc, also on failure unless
 * memory ended). All errors are printed on stderr. 0 or -errno as policy_load. */
int policy_file_load(const char *path, enum policy_trust trust, struct policy **ret_policy, char **ret_path);

/* The login that --key stands for, now: the name of a [key …] section, or a fingerprint (SHA256:…, known to the policy or not). -ENOENT,
 * printed on stderr. */
int policy_file_login(const struct policy *policy, const char *key, struct policy_login *ret_login);
