/* A file that keeps some room on the disk, to be given back when there is no other.
 *
 * Linked by: diagctl.
 *
 * On a full disk rows cannot be removed either: the write-ahead log must grow first. Nobody but the pruner gives the room back: a
 * session would fill it with records and be where it was.
 */
#pragma once

#include <stdint.h>

/* FILE-ballast; the caller's. */
char *ballast_path(const char *db);

/* 0 when there was one, -ENOENT, or another -errno. */
int ballast_release(const char *path);

/* Makes it, with real blocks, when it is not there with that size and the disk has as much again to spare. 0, also when there is no
 * room for it yet; -errno. */
int ballast_make(const char *path, uint64_t bytes);
