#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "sql/keys.h"
#include "sql/owner.h"

int keyfile_open(const char *path, int flags, int *ret_fd)
{
        cleanup_fd int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
        struct stat info;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &info) < 0)
                return -errno;
        if (!S_ISREG(info.st_mode))
                return -EBADMSG;
        if ((info.st_mode & 077) != 0)
                return -EACCES;
        *ret_fd = take_fd(&fd);
        return 0;
}

int keyfile_read(int fd, struct keyslot *ret_slot, unsigned *ret_newest)
{
        unsigned char bytes[KEYSLOT_COUNT * KEYSLOT_SIZE] = { 0 };
        struct keyslot found = { .seq = 0 };
        int r = pread(fd, bytes, sizeof(bytes), 0) < 0 ? -errno : -EBADMSG;

        for (unsigned i = 0; r != -EIO && i < KEYSLOT_COUNT; i++) {
                struct keyslot slot;

                if (keyslot_parse(bytes + (size_t)i * KEYSLOT_SIZE, &slot) < 0 || slot.seq <= found.seq)
                        continue;
                found = slot;
                *ret_newest = i;
                r = 0;
        }
        if (r == 0)
                *ret_slot = found;
        OPENSSL_cleanse(&found, sizeof(found));
        OPENSSL_cleanse(bytes, sizeof(bytes));
        return r;
}

int keyfile_write(int fd, const struct keyslot *slot, unsigned at)
{
        unsigned char bytes[KEYSLOT_SIZE];
        ssize_t n;
        int r = keyslot_print(slot, bytes);

        if (r < 0)
                return r;
        do
                n = pwrite(fd, bytes, sizeof(bytes), (off_t)at * KEYSLOT_SIZE);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                r = -errno;
        else if (n != (ssize_t)sizeof(bytes))
                r = -EIO;
        OPENSSL_cleanse(bytes, sizeof(bytes));
        return r;
}

/* The blocks of the old file, before they are free for whoever reads the disk. A file system that copies on write, or a flash
 * drive, keeps them all the same; nothing can be done about that here. */
static void wipe(const char *path)
{
        static const unsigned char zeros[KEYSLOT_COUNT * KEYSLOT_SIZE];
        cleanup_fd int fd = -1;

        if (keyfile_open(path, O_WRONLY, &fd) == 0 && pwrite(fd, zeros, sizeof(zeros), 0) > 0)
                (void)fsync(fd);
}

static int write_new(const char *path, const void *bytes, size_t length)
{
        cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = owner_of_directory(fd, path);
        if (r == 0)
                r = fd_write_all(fd, bytes, length);
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        return r;
}

int keyfile_replace(const char *path, const void *bytes, size_t length)
{
        cleanup_free char *temporary = NULL;
        int r;

        if (asprintf(&temporary, "%s.new", path) < 0)
                return -ENOMEM;
        if (unlink(temporary) < 0 && errno != ENOENT) /* of a process that died here: we hold the outer lock */
                return -errno;
        r = write_new(temporary, bytes, length);
        if (r == 0) {
                wipe(path);
                r = rename(temporary, path) < 0 ? -errno : owner_sync_directory(path);
        }
        if (r < 0)
                (void)unlink(temporary);
        return r;
}
