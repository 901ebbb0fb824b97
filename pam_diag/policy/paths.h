/* Judging the paths that a command line names.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/links.h"
#include "pam_diag/policy/snapshot.h"

struct path_question {
        const struct policy *policy;
        const struct path_resolver *resolver;
        const char *path;
        enum path_wish wish;
        struct links *links; /* kept by the caller over all paths of a command; NULL: hard links are not looked for */
};

/* 0 when the path, as written and as resolved, lies in a tree that is allowed for the wish and in no denied one; *ret_listed: it may be
 * listed but not read. With a sentence in *wrong (it begins with the path) and in *hint: -EPERM when it is denied, -EACCES for all
 * other reasons. -ENOMEM. */
int path_judge(const struct path_question *question, struct buf *wrong, struct buf *hint, bool *ret_listed);

/* "write an absolute path; readable: …" */
void path_put_hint(const struct policy *policy, struct buf *hint);

/* Follows the links on the way to each denied path as the filesystem has them now: a deny of /etc/x also denies
 * /persist/etc/x when one is a link to the other. -ENOMEM only. */
int paths_resolve_denies(struct policy *policy);
