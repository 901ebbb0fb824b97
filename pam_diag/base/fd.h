/* Descriptors with one owner.
 *
 * Linked by: every process and the module.
 *
 * A descriptor is owned by exactly one variable. `cleanup_fd` closes it at the end of the scope,
 * `take_fd` moves it out. -1 stands for "none". Nothing here changes errno's meaning for a caller:
 * functions return 0 or -errno.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "pam_diag/base/mem.h"

/* Closes fd when it is not negative; returns -1, so that `fd = fd_close(fd)` leaves no stale number. */
int fd_close(int fd);

static inline void fd_close_at(int *fd)
{
        *fd = fd_close(*fd);
}
#define cleanup_fd __attribute__((cleanup(fd_close_at)))

static inline int take_fd(int *fd)
{
        int taken = *fd;

        *fd = -1;
        return taken;
}

/* Both ends close-on-exec. */
int fd_pipe(int *ret_read, int *ret_write);

/* Writes all of it, restarted after EINTR. -errno on the first other failure. The descriptor must be a
 * blocking one. */
int fd_write_all(int fd, const void *data, size_t length);

/* Reads to the end of the file. *ret_data is NUL-terminated after *ret_length bytes and belongs to the
 * caller. -EFBIG when there are more than `most` bytes. */
int fd_read_all(int fd, size_t most, char **ret_data, size_t *ret_length);

/* The same for a path, opened O_RDONLY|O_CLOEXEC|O_NOCTTY. */
int fd_read_file(const char *path, size_t most, char **ret_data, size_t *ret_length);
