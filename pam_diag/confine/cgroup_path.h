/* Which control group a process is in.
 *
 * Linked by: pam_diag.so, diag-supervisor.
 *
 * Source: cgroups(7), /proc/PID/cgroup.
 */
#pragma once

/* Pure: the path of the version 2 group in the text of /proc/PID/cgroup (malloc). -ENOENT when there is none, or it lies outside of what can
 * be seen. */
int cgroup_parse(const char *text, char **ret_path);
