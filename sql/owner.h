/* Files made by root in the auditor's directory belong to the auditor.
 *
 * Linked by: diag-supervisor, diag-ship, diagctl.
 */
#pragma once

/* When the caller is root: gives the file to the owner of its directory, so that an operator who runs a tool as root
 * never locks the supervisor (uid diag-audit) out of its own database. Otherwise nothing is done. 0 or -errno. */
int owner_of_directory(int fd, const char *path);
/* The same for a file in the open directory `directory`. */
int owner_as(int fd, int directory);

/* Flushes the directory that `path` lies in: a new or renamed name is durable only then (fsync(2)). */
int owner_sync_directory(const char *path);
