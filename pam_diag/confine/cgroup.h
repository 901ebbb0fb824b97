/* A control group of the session's own: one write ends everything that it has started, whatever it did to hide.
 *
 * Linked by: pam_diag.so.
 *
 * Sources: cgroups(7), the kernel's cgroup-v2.rst: cgroup.kill (Linux 5.14); moving a process is judged by the credentials with which
 * cgroup.procs was opened (Linux 5.17). No controller is needed; where they can be had, the group is limited as well.
 */
#pragma once

#include <sys/types.h>

#include "pam_diag/confine/cgroup_limit.h"

struct cgroup {
        char *path; /* of the group's directory, on the host */
        int procs; /* its cgroup.procs, opened for writing by root, and locked: while anybody holds it, nobody removes the group; owned */
        int home; /* cgroup.procs of the caller's own group, opened for writing by root: the way back; owned */
        bool limited; /* what is in it is bounded as a whole, too */
};

#define CGROUP_INIT ((struct cgroup){ .procs = -1, .home = -1 })

void cgroup_free(struct cgroup *group);
#define cleanup_cgroup __attribute__((cleanup(cgroup_free)))

/* Makes pam_diag/NAME below the caller's own group (or the one above it, if systemd has delegated that and it can give controllers), of which
 * `owner` may end the processes and which it may remove, and removes those that nobody holds any more. The name must be nobody else's.
 * Whether the limits hold is in ret_group->limited. -errno when this host
 * has no version 2 hierarchy or lets nobody make a group. */
int cgroup_make(const char *name, uid_t owner, const struct cgroup_limits *limits, struct cgroup *ret_group);
