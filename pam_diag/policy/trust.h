/* Opening a file only when nobody but root could have put it there.
 *
 * Linked by: diag-supervisor, diagctl, diag-ship.
 *
 * The path is walked on descriptors, one component after the other, links followed by hand (path_resolution(7)): each
 * directory on the way and the file at its end must be root's and not group- or world-writable. So the check and what is
 * read cannot be two different files.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/policy.h"

enum trust_kind {
        TRUST_FILE, /* regular; opened for reading */
        TRUST_DIRECTORY, /* opened for reading */
};

/* Directories that were found to be trusted, held open: what is opened in one of them again needs no second walk. It is the very
 * directory that was checked, whatever its name leads to by now. */
struct trust_cache;

/* NULL when memory ends. */
struct trust_cache *trust_cache_new(enum policy_trust trust);
void trust_cache_free(struct trust_cache *cache);
static inline void trust_cache_free_at(struct trust_cache **cache)
{
        trust_cache_free(*cache);
}
#define cleanup_trust_cache __attribute__((cleanup(trust_cache_free_at)))

/* 0; -EPERM when something on the way is not trusted, -ENOENT, -ELOOP, -EINVAL (relative, or not of the kind), …:
 * always with a sentence in *why. `ret_resolved` (the path without links) may be NULL. */
int trust_open(struct trust_cache *cache, const char *path, enum trust_kind kind, int *ret_fd, char **ret_resolved,
               struct buf *why);
