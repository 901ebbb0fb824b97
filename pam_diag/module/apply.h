/* Every layer that is set for the whole connection, in the one order that works.
 *
 * Linked by: pam_diag.so.
 */
#pragma once

#include "pam_diag/confine/cgroup.h"
#include "pam_diag/wire/control.h"

struct apply_failure {
        const char *where; /* the step, for a person */
        char *path; /* the path that it failed on; malloc, may be NULL */
};

void apply_failure_free(struct apply_failure *failure);
#define cleanup_apply_failure __attribute__((cleanup(apply_failure_free)))

struct applied {
        char **missing; /* layers that the host lacks, accepted or, when a step has failed, not; may be NULL */
        dev_t masks; /* st_dev of every mask */
        int listener; /* owned */
        struct cgroup group; /* without a path: there is none, and that is accepted */
};

#define APPLIED_INIT ((struct applied){ .listener = -1, .group = CGROUP_INIT })

void applied_free(struct applied *applied);
#define cleanup_applied __attribute__((cleanup(applied_free)))

/* Both confine the calling process, sshd's monitor, for good. On failure (-errno, *ret_failure filled in) some layers may be in force already: the
 * session must not open. `applied` is one, filled by both. */

/* What the host has, the session's control group, which that user may end, and the mount tree without what is denied. */
int apply_view(const struct control_lists *lists, uid_t supervisor, struct applied *applied,
               struct apply_failure *ret_failure);

/* Then: Landlock, with the supervisor's domain (taken over, unless it fails), and the exec filter. */
int apply_bounds(const struct control_lists *lists, const char *shell, int *domain, struct applied *applied,
                 struct apply_failure *ret_failure);
