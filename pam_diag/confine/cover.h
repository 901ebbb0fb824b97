/* Another text in a file's place, for this process and its descendants alone.
 *
 * Linked by: diag-prober.
 *
 * Source: mount_namespaces(7); open_tree and move_mount (Linux 5.2). Nothing is written to the host: the text lies in a tmpfs that only
 * the caller's own mount namespace has, and is gone with the last process in it, however that ends.
 */
#pragma once

#include <stddef.h>

/* Leaves the host's mount namespace and lays a file with these bytes, root's and 0644, over `path` (links are followed). -errno, with the
 * step that failed in *ret_where. */
int cover_file(const char *path, const char *data, size_t length, const char **ret_where);
