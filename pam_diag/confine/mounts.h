/* A mount tree of the session's own: everything read-only and nosuid, nothing propagates in or out.
 *
 * Linked by: pam_diag.so; the names of places by diag-supervisor and diag-shell, too.
 *
 * Sources: mount_namespaces(7), mount_setattr(2) (Linux 5.12), open_tree and move_mount (5.2), devpts in the kernel's
 * Documentation/filesystems/devpts.rst.
 */
#pragma once

#include <sys/types.h>

/* Where the session has a filesystem of its own. */
#define MOUNTS_PTS "/dev/pts"
#define MOUNTS_SHM "/dev/shm"

/* Leaves the host's mount and IPC namespaces and makes the new tree private, read-only and nosuid, all of it. utmp,
 * wtmp and lastlog stay writable for root (sshd's monitor enters its user's pty there); /dev/pts becomes an instance of its own.
 * *ret_where names the step that failed. */
int mounts_isolate(const char **ret_where);

/* The stock that masks are made of: a read-only tmpfs with an empty, closed directory and an empty, closed file. It lies
 * on /dev/shm until mounts_finish covers it. */
#define MOUNTS_MASK_DIR MOUNTS_SHM "/dir"
#define MOUNTS_MASK_FILE MOUNTS_SHM "/file"
/* *ret_device is the st_dev by which a mask is known from then on. */
int mounts_stock(const char **ret_where, dev_t *ret_device);

/* Covers the stock by an empty, readable, read-only directory: other processes' POSIX shared memory is out of reach, and
 * stages have a working directory in which nothing lies. */
#define MOUNTS_EMPTY_DIR MOUNTS_SHM
int mounts_finish(const char **ret_where);
