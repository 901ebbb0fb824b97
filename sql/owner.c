#include "sql/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

/* What the last name of `path` lies in; slashes behind that name count for nothing. */
static int open_directory(const char *path, int *ret_fd)
{
        cleanup_free char *directory = strdup(path);
        size_t length;
        int fd;

        if (directory == NULL)
                return -ENOMEM;
        length = strlen(directory);
        while (length > 1 && directory[length - 1] == '/')
                length--;
        while (length > 0 && directory[length - 1] != '/')
                length--;
        while (length > 1 && directory[length - 1] == '/')
                length--;
        directory[length] = '\0';
        fd = open(length > 0 ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

int owner_as(int fd, int directory)
{
        struct stat owner;
        struct stat own;

        if (geteuid() != 0)
                return 0;
        if (fstat(directory, &owner) < 0 || fstat(fd, &own) < 0)
                return -errno;
        if (own.st_uid == owner.st_uid && own.st_gid == owner.st_gid)
                return 0;
        /* Safe: `fd` was opened by the caller with O_NOFOLLOW or O_EXCL, so it is no link to somebody else's file, and
         * the new owner could already remove or replace it. */
        return fchown(fd, owner.st_uid, owner.st_gid) < 0 ? -errno : 0;
}

int owner_of_directory(int fd, const char *path)
{
        cleanup_fd int directory = -1;
        int r;

        if (geteuid() != 0)
                return 0;
        r = open_directory(path, &directory);
        return r < 0 ? r : owner_as(fd, directory);
}

int owner_sync_directory(const char *path)
{
        cleanup_fd int directory = -1;
        int r = open_directory(path, &directory);

        if (r < 0)
                return r;
        return fsync(directory) < 0 ? -errno : 0;
}
