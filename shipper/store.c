#include "shipper/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "sql/owner.h"

int store_open(const char *path, int *ret_directory, int *ret_lock, struct fault *fault)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        cleanup_fd int directory = -1;
        cleanup_fd int lock = -1;
        bool made;
        int r;

        made = mkdir(path, 0700) == 0;
        if (!made && errno != EEXIST)
                return fault_set(fault, FAULT_CONFIG, "cannot make the state directory %s: %s", path, strerror(errno));
        directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = directory < 0 ? -errno : 0;
        /* A run by root must not lock the timer's user out of its state. */
        if (r == 0 && made)
                r = owner_of_directory(directory, path);
        if (r < 0)
                return fault_set(fault, FAULT_CONFIG, "cannot open the state directory %s: %s", path, strerror(-r));
        lock = openat(directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        r = lock < 0 ? -errno : owner_as(lock, directory);
        if (r < 0)
                return fault_set(fault, r == -ENOSPC ? FAULT_LATER : FAULT_CONFIG, "cannot open %s/lock: %s", path,
                                 strerror(-r));
        /* F_OFD_SETLK, fcntl(2): dies with the process, whatever ends it. */
        if (fcntl(lock, F_OFD_SETLK, &whole) < 0)
                return fault_set(fault, FAULT_LATER, "another diag-ship runs with the state directory %s", path);
        *ret_directory = take_fd(&directory);
        *ret_lock = take_fd(&lock);
        return 0;
}

int store_look(const char *path, int *ret_directory, struct fault *fault)
{
        int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (directory < 0 && errno != ENOENT)
                return fault_set(fault, FAULT_CONFIG, "cannot open the state directory %s: %s", path, strerror(errno));
        *ret_directory = directory;
        return 0;
}

static int write_new(int directory, const char *name, const char *text, size_t length)
{
        cleanup_fd int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = owner_as(fd, directory);
        if (r == 0)
                r = fd_write_all(fd, text, length);
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        return r;
}

int store_replace(int directory, const char *name, const char *text, size_t length)
{
        cleanup_free char *temporary = NULL;
        int r;

        if (asprintf(&temporary, "%s.new", name) < 0)
                return -ENOMEM;
        r = write_new(directory, temporary, text, length);
        if (r == 0 && renameat(directory, temporary, directory, name) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(directory, temporary, 0);
                return r;
        }
        return fsync(directory) < 0 ? -errno : 0;
}

/* One write(2) within the first page of a file that was just opened: a signal that kills comes before it or after it. */
static int overwrite(int fd, const char *text, size_t length)
{
        ssize_t n;

        do
                n = write(fd, text, length);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return (size_t)n == length ? 0 : -ENOSPC;
}

/* The plain file that stood there, and no more than the new text will cover. */
static bool can_overwrite(int fd, size_t length)
{
        struct stat info;

        return length <= STORE_OVERWRITE_MOST && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1 &&
               info.st_size <= (off_t)length;
}

int store_overwrite(int directory, const char *name, const char *text, size_t length)
{
        cleanup_fd int fd = openat(directory, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                                   0600);
        int r;

        if (fd < 0 || !can_overwrite(fd, length))
                return store_replace(directory, name, text, length);
        r = owner_as(fd, directory);
        return r < 0 ? r : overwrite(fd, text, length);
}
