/* Lists of trees, without what they say twice.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

/* The patterns of both lists but those that lie inside another one's plain tree: every entry of /proc is no more than
 * /proc, and as a glob it would stand for a rule for each process. Pure. */
int trees_reduce(char *const *first, char *const *second, char ***ret_trees);
