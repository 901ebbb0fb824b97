#include "pam_diag/confine/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/mem.h"

enum { TRIES_MOST = 8 };

/* Spelled as realpath(3) would: no "//", ".", ".." or "/" at the end. */
static bool is_spelled_plainly(const char *path)
{
        if (strcmp(path, "/") == 0)
                return true;
        for (const char *at = path; *at != '\0';) {
                size_t n;

                if (*at != '/')
                        return false;
                n = strcspn(++at, "/");
                if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
                        return false;
                at += n;
        }
        return *path != '\0';
}

/* Without O_NOFOLLOW: with it a link at the end would be opened itself. */
static int open_without_links(const char *path)
{
        struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
        long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

        return fd < 0 ? -errno : (int)fd;
}

/* -ELOOP: a link is on the way, or is what it leads to. */
static int open_spelled(const char *path, int *ret_place, char **ret_path)
{
        cleanup_free char *copy = strdup(path);
        int fd = copy == NULL ? -ENOMEM : open_without_links(path);

        if (fd < 0)
                return fd;
        *ret_place = fd;
        *ret_path = take_ptr(&copy);
        return 0;
}

int place_open(const char *path, int *ret_place, char **ret_path)
{
        int r = is_spelled_plainly(path) ? open_spelled(path, ret_place, ret_path) : -ELOOP;

        for (int i = 0; r == -ELOOP && i < TRIES_MOST; i++) {
                cleanup_free char *resolved = realpath(path, NULL);

                if (resolved == NULL)
                        return -errno;
                r = open_spelled(resolved, ret_place, ret_path);
        }
        return r == -ELOOP ? -EBUSY : r;
}
