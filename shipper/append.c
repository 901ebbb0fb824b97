#include "shipper/append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

/* The file is opened for writing only; so its last byte is read by another descriptor. */
static int read_last_byte(int at, const char *name, off_t size, char *ret_last)
{
        cleanup_fd int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return -errno;
        return pread(fd, ret_last, 1, size - 1) == 1 ? 0 : -EIO;
}

static int end_torn_line(int at, const char *name, int fd, const char **ret_doing)
{
        struct stat info;
        char last = '\n';
        int r;

        *ret_doing = "cannot look at it";
        if (fstat(fd, &info) < 0)
                return -errno;
        if (!S_ISREG(info.st_mode) || info.st_size == 0)
                return 0;
        *ret_doing = "cannot read its last byte";
        r = read_last_byte(at, name, info.st_size, &last);
        if (r < 0 || last == '\n')
                return r;
        *ret_doing = "cannot end its torn last line";
        return fd_write_all(fd, "\n", 1);
}

/* fsync(2) of the directory that the name lies in: `at` for a plain name. */
static int flush_directory(int at, const char *name)
{
        const char *slash = strrchr(name, '/');
        cleanup_free char *path = slash == NULL ? strdup(".")
                                                : strndup(name, slash == name ? 1 : (size_t)(slash - name));
        cleanup_fd int directory = -1;

        if (path == NULL)
                return -ENOMEM;
        directory = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0)
                return -errno;
        return fsync(directory) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int append_open(int at, const char *name, unsigned mode, int *ret_fd, const char **ret_doing)
{
        cleanup_fd int fd = -1;
        int r;

        *ret_doing = "cannot open it";
        /* O_NONBLOCK only for the open: a FIFO without a reader is an error (ENXIO) and not a wait. */
        fd = openat(at, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
        if (fd < 0)
                return -errno;
        if (fcntl(fd, F_SETFL, O_APPEND) < 0)
                return -errno;
        r = end_torn_line(at, name, fd, ret_doing);
        if (r < 0)
                return r;
        *ret_doing = "cannot flush its directory";
        r = flush_directory(at, name);
        if (r < 0)
                return r;
        *ret_fd = take_fd(&fd);
        return 0;
}
