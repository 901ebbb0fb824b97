/* glob(3) over directories that are each read once.
 *
 * Linked by: pam_diag.so.
 *
 * Many patterns of a policy look into the same directories, and reading one that an overlay merges is slow. Source: glob(3), GLOB_ALTDIRFUNC.
 */
#pragma once

#include <glob.h>

struct listing;

/* NULL: no memory. */
struct listing *listing_new(void);
void listing_free(struct listing *listing);

/* As glob(3) with GLOB_NOSORT, and GLOB_ABORTED also for a directory that could not be read to its end. What appears in a directory after it was first
 * read is not found. globfree(3) as ever. Not from two threads at once. */
int listing_glob(struct listing *listing, const char *pattern, int (*failed)(const char *path, int error),
                 glob_t *found);
