#include "pam_diag/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_STEP = 16384 };

int fd_close(int fd)
{
        /* close(2) releases the number whatever it returns on Linux; a retry could hit a stranger's file. */
        if (fd >= 0)
                (void)close(fd);
        return -1;
}

int fd_pipe(int *ret_read, int *ret_write)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        *ret_read = ends[0];
        *ret_write = ends[1];
        return 0;
}

int fd_write_all(int fd, const void *data, size_t length)
{
        const char *next = data;

        while (length > 0) {
                ssize_t n = write(fd, next, length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                next += n;
                length -= (size_t)n;
        }
        return 0;
}

static int grow(char **data, size_t *size, size_t most)
{
        size_t wanted = *size == 0 ? READ_STEP : *size * 2;
        char *larger;

        if (wanted > most + 2)
                wanted = most + 2;
        larger = realloc(*data, wanted);
        if (larger == NULL)
                return -ENOMEM;
        *data = larger;
        *size = wanted;
        return 0;
}

int fd_read_all(int fd, size_t most, char **ret_data, size_t *ret_length)
{
        cleanup_free char *data = NULL;
        size_t size = 0;
        size_t used = 0;

        for (;;) {
                ssize_t n;

                if (used + 1 >= size && grow(&data, &size, most) < 0)
                        return -ENOMEM;
                n = read(fd, data + used, size - used - 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                used += (size_t)n;
                if (used > most)
                        return -EFBIG;
        }
        data[used] = '\0';
        *ret_data = take_ptr(&data);
        *ret_length = used;
        return 0;
}

int fd_read_file(const char *path, size_t most, char **ret_data, size_t *ret_length)
{
        cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return -errno;
        return fd_read_all(fd, most, ret_data, ret_length);
}
