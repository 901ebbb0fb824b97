#include "pam_diag/supervisor/quota.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"

enum { TIMES_MOST = 6000, TRIES = 200, TRY_MS = 5 };

static const int64_t minute_us = INT64_C(60) * 1000 * 1000;

/* Bytes to lock, far behind the times: one for the times themselves, then one for each place. */
static const off_t lock_times = (off_t)1 << 40;
static const off_t lock_places = ((off_t)1 << 40) + 1;

static int open_file(const char *directory, const char *key, int *ret_fd)
{
        char path[PATH_MAX];
        int n = snprintf(path, sizeof(path), "%s/key-%s.quota", directory, key);
        int fd;

        if (n < 0 || (size_t)n >= sizeof(path))
                return -ENAMETOOLONG;
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

static int lock_byte(int fd, off_t byte)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

        return fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

/* Its holder does three system calls; one that was stopped in between must not stop everybody else for ever. */
static int lock_for_times(int fd)
{
        for (unsigned i = 0; i < TRIES; i++) {
                int r = lock_byte(fd, lock_times);

                if (r != -EAGAIN && r != -EACCES)
                        return r;
                (void)poll(NULL, 0, TRY_MS);
        }
        return -EBUSY;
}

/* Times of the future are from before a reboot: the clock began anew. */
static bool is_recent(int64_t time_us, int64_t now_us)
{
        return time_us > 0 && time_us <= now_us && now_us - time_us < minute_us;
}

/* The place for one more time: the first that is not recent. -EDQUOT when `rate` of them are. */
static int find_place(const int64_t *times, size_t count, unsigned rate, int64_t now_us, size_t *ret_place)
{
        size_t place = count;
        size_t recent = 0;

        for (size_t i = 0; i < count; i++) {
                if (is_recent(times[i], now_us))
                        recent++;
                else if (place == count)
                        place = i;
        }
        if (recent >= rate || place >= TIMES_MOST)
                return -EDQUOT;
        *ret_place = place;
        return 0;
}

int quota_count(const char *directory, const char *key, unsigned rate, int64_t now_us)
{
        cleanup_free int64_t *times = calloc(TIMES_MOST, sizeof(*times));
        cleanup_fd int fd = -1;
        size_t place;
        ssize_t n;
        int r = times == NULL ? -ENOMEM : open_file(directory, key, &fd);

        if (r == 0)
                r = lock_for_times(fd);
        if (r < 0)
                return r;
        n = pread(fd, times, TIMES_MOST * sizeof(*times), 0);
        if (n < 0)
                return -errno;
        r = find_place(times, (size_t)n / sizeof(*times), rate, now_us, &place);
        if (r < 0)
                return r;
        n = pwrite(fd, &now_us, sizeof(now_us), (off_t)(place * sizeof(now_us)));
        if (n < 0)
                return -errno;
        return n == (ssize_t)sizeof(now_us) ? 0 : -EIO;
}

int quota_take(const char *directory, const char *key, unsigned most, int *ret_place)
{
        cleanup_fd int fd = -1;
        int r = open_file(directory, key, &fd);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < most; i++) {
                r = lock_byte(fd, lock_places + (off_t)i);
                if (r == 0) {
                        *ret_place = take_fd(&fd);
                        return 0;
                }
                if (r != -EAGAIN && r != -EACCES)
                        return r;
        }
        return -EDQUOT;
}
