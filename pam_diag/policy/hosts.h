/* The hosts that a session may name: [hosts] allow.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure. A name in a query is a way out for what somebody has read, so a policy may list what can be asked.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/snapshot.h"

/* A pattern is a name with * and ?, where * also spans dots, an address or an address/length; or the word "undotted", for every name of
 * one label: nobody outside answers for those. */
bool host_is_pattern(const char *pattern);

/* `value` is of type host. 0 when the policy lists no hosts or one of them covers it; -EPERM with a sentence in *wrong
 * that begins with the value, and one in *hint. */
int host_judge(const struct policy *policy, const char *value, struct buf *wrong, struct buf *hint);
