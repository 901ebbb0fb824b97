/* What a key may use up, over all of its sessions: command lines in a minute, commands at once.
 *
 * Linked by: diag-supervisor.
 *
 * One small file for each key beside the database, its owner's alone. It holds the times of the last command lines; that a command runs
 * is a lock on one byte of it (fcntl(2), F_OFD_SETLK), which the kernel drops with its holder, however that ends.
 */
#pragma once

#include <stdint.h>

/* Counts one command line. 0; -EDQUOT when `rate` lines were counted within the last minute already (this one is not); -EBUSY when the
 * file stays locked; -errno. `now_us`: time since boot, that of suspension included. */
int quota_count(const char *directory, const char *key, unsigned rate, int64_t now_us);

/* Takes one of `most` places. 0 and a descriptor that holds it until it is closed; -EDQUOT when all are taken; -errno. */
int quota_take(const char *directory, const char *key, unsigned most, int *ret_place);
