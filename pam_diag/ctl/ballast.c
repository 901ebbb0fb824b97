#include "pam_diag/ctl/ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "sql/owner.h"

char *ballast_path(const char *db)
{
        char *path = NULL;

        return asprintf(&path, "%s-ballast", db) < 0 ? NULL : path;
}

int ballast_release(const char *path)
{
        return unlink(path) < 0 ? -errno : 0;
}

static int fill(int fd, const char *path, uint64_t bytes)
{
        struct statvfs room;
        int r = owner_of_directory(fd, path);

        if (r < 0)
                return r;
        if (fstatvfs(fd, &room) < 0)
                return -errno;
        if ((uint64_t)room.f_bavail * room.f_frsize < 2 * bytes)
                return -ENOSPC;
        return -posix_fallocate(fd, 0, (off_t)bytes);
}

int ballast_make(const char *path, uint64_t bytes)
{
        cleanup_fd int fd = -1;
        struct stat info;
        int r;

        if (bytes == 0)
                return 0;
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        if (fd < 0)
                return errno == ENOSPC ? 0 : -errno;
        if (fstat(fd, &info) < 0)
                return -errno;
        if (S_ISREG(info.st_mode) && (uint64_t)info.st_size == bytes && (uint64_t)info.st_blocks * 512 >= bytes)
                return 0;
        r = fill(fd, path, bytes);
        if (r < 0)
                (void)unlink(path); /* half of it is no use */
        return r == -ENOSPC ? 0 : r;
}
