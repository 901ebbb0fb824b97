/* Waiting for something to be written to a database.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stddef.h>

/* Watches the directory that the database lies in (inotify(7)): every commit writes to the -wal file there. -errno. */
int follow_open(const char *db, int *ret_watch);

/* Returns when something has been written since the last call, or after a few seconds without a notice (a file system may give none), with 0;
 * with -EPIPE when nobody reads `output` any more. -errno. */
int follow_wait(int watch, int output);
