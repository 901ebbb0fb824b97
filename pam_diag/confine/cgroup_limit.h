/* What all processes of a control group may use up together.
 *
 * Linked by: pam_diag.so.
 *
 * Source: the kernel's cgroup-v2.rst. A group has the files of a controller when its parent's cgroup.subtree_control names it; a group
 * that holds processes itself may give its children none, but for the root of the hierarchy. So a host where systemd has placed sshd, or
 * pam_systemd the session, has none to give, unless sshd's unit has Delegate= and DelegateSubgroup=.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* 0: no limit. */
struct cgroup_limits {
        uint64_t memory_most; /* bytes */
        uint64_t processes_most; /* processes and threads */
};

/* Gives the children of that group the controllers for memory and processes, if they do not have them. -errno. */
int cgroup_limit_enable(int group);

/* True when systemd has left that group, root's, to whoever runs in it (Delegate= of the unit). */
bool cgroup_limit_is_delegated(int group);

/* Sets the limits of a group. -errno: those of its files that could not be written hold nothing. */
int cgroup_limit_set(int group, const struct cgroup_limits *limits);
