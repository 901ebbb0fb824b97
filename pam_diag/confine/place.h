/* A place in the mount tree, held open, and its path without links.
 *
 * Linked by: pam_diag.so; whether an error means that nothing is there, by all who confine.
 *
 * Source: openat2(2), RESOLVE_NO_SYMLINKS (Linux 5.6).
 */
#pragma once

#include <errno.h>
#include <stdbool.h>

/* The -errno of a lookup that found nothing, or links that lead nowhere. */
static inline bool place_is_gone(int error)
{
        return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

/* Opens (O_PATH) what `path`, which is absolute, leads to. *ret_path becomes its path with every link resolved; no link was followed when that was
 * opened, also where the tree changes meanwhile. -ENOENT, -ENOTDIR: nothing is there; -ELOOP: its links lead nowhere; -EBUSY: its
 * links are changed faster than they can be followed. */
int place_open(const char *path, int *ret_place, char **ret_path);
