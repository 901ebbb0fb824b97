#include "sql/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "sql/internal.h"
#include "sql/owner.h"

enum { WAIT_FIRST_US = 100, WAIT_MOST_US = 2000 };

uint64_t lock_clock_ms(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int lock_open(struct auditdb *db)
{
        cleanup_fd int fd = open(db->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = owner_of_directory(fd, db->lock_path);
        if (r < 0)
                return r;
        db->lock_fd = take_fd(&fd);
        return 0;
}

/* A lock on a file that has been unlinked excludes nobody. */
static int is_current(const struct auditdb *db)
{
        struct stat open_file;
        struct stat named;

        if (fstat(db->lock_fd, &open_file) < 0)
                return -errno;
        if (stat(db->lock_path, &named) < 0)
                return errno == ENOENT ? 0 : -errno;
        return open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

static int lock_try(struct auditdb *db)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        int r;

        if (db->lock_fd < 0) {
                r = lock_open(db);
                if (r < 0)
                        return r;
        }
        if (fcntl(db->lock_fd, F_OFD_SETLK, &whole) < 0)
                return errno == EACCES ? -EAGAIN : -errno;
        r = is_current(db);
        if (r > 0)
                return 0;
        db->lock_fd = fd_close(db->lock_fd);
        return r < 0 ? r : -EAGAIN;
}

/* Grows, and differs from process to process by what the clock happens to be, so that waiters do not march in step. */
static void lock_wait(unsigned attempt)
{
        struct timespec now;
        long most = (long)WAIT_FIRST_US << (attempt < 5 ? attempt : 5);
        struct timespec pause = { 0 };

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        if (most > WAIT_MOST_US)
                most = WAIT_MOST_US;
        pause.tv_nsec = (most / 2 + now.tv_nsec / 64 % (most / 2)) * 1000;
        (void)nanosleep(&pause, NULL);
}

int lock_take(struct auditdb *db, struct auditdb_why *ret_why)
{
        uint64_t start = lock_clock_ms();
        unsigned attempt = 0;
        int r;

        for (;;) {
                r = lock_try(db);
                if (r != -EAGAIN && r != -EINTR)
                        break;
                if (lock_clock_ms() - start >= db->bound_ms)
                        return why_set(ret_why, -EBUSY,
                                       "the audit database %s: another process has held the lock %s for more than "
                                       "%u ms; find it with `fuser -v %s`",
                                       db->path, db->lock_path, db->bound_ms, db->lock_path);
                lock_wait(attempt++);
        }
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot lock (audit.db-lock beside it)");
        return 0;
}

void lock_drop(struct auditdb *db)
{
        struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

        /* Closing would drop it too: that is the answer to a failure, which fcntl(2) does not foresee. */
        if (db->lock_fd >= 0 && fcntl(db->lock_fd, F_OFD_SETLK, &whole) < 0)
                db->lock_fd = fd_close(db->lock_fd);
}
