/* Judging the paths that a command line names.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/snapshot.h"

/* 0 when the path, as written and as resolved, lies in an allowed tree and in no denied one. -EACCES with a sentence in
 * *wrong (it begins with the path) and in *hint; -ENOMEM. */
int path_judge(const struct policy *policy, const struct path_resolver *resolver, const char *path, enum path_wish wish,
               struct buf *wrong, struct buf *hint);

/* "write an absolute path; readable: …" */
void path_put_hint(const struct policy *policy, struct buf *hint);

/* Follows the links on the way to each denied path as the filesystem has them now: a deny of /etc/x also denies
 * /persist/etc/x when one is a link to the other. -ENOMEM only. */
int paths_resolve_denies(struct policy *policy);
