/* What patterns match, over directories that are each read once.
 *
 * Linked by: pam_diag.so.
 *
 * Many patterns of a policy look into the same directories, and reading one that an overlay merges is slow.
 */
#pragma once

struct listing;

/* NULL: no memory. */
struct listing *listing_new(void);
void listing_free(struct listing *listing);

/* As wild_expand. A directory that is not there hides nothing; one that cannot be read, or not to its end, may: -errno. What appears in a
 * directory after it was first read is not found. */
int listing_expand(struct listing *listing, const char *pattern, char ***ret_paths);
