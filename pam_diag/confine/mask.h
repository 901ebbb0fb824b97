/* Denied paths, hidden: each is covered by an empty, closed directory or file.
 *
 * Linked by: pam_diag.so.
 *
 * A mask holds by identity, whatever name leads to the place, because it is mounted on what the path resolves to, and
 * on every other place of the mount tree where the same directory or file can be seen (mountinfo(5)).
 */
#pragma once

/* Hides everything that the patterns (glob(7), absolute) match now, links followed. Needs mounts_stock before. Patterns below
 * /proc are left out: files of a process are guarded by the kernel's ptrace check, not by masks. A place that exists and
 * cannot be hidden is an error; *ret_path (malloc, may be NULL) names it. */
int mask_paths(char *const *patterns, char **ret_path);
