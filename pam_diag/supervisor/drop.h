/* Giving up root.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include <sys/capability.h>
#include <sys/types.h>

/* Becomes uid and gid for good, without supplementary groups, with `keep` as the only capabilities, an empty bounding set, no_new_privs, and not
 * dumpable. Must be called as root. Source: capabilities(7). */
int drop_to(uid_t uid, gid_t gid, const cap_value_t *keep, int count);

/* Gives up every capability but these, which it must have. */
int drop_keep(const cap_value_t *keep, int count);
