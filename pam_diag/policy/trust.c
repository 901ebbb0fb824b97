#include "pam_diag/policy/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

enum { LINKS_MOST = 40, PLACES_MOST = 32 };

struct place {
        char *path; /* as it was asked for */
        char *resolved; /* "" for the root */
        int fd; /* O_PATH */
};

struct trust_cache {
        enum policy_trust trust;
        struct place places[PLACES_MOST]; /* once full, the oldest gives way */
        size_t count;
        size_t oldest;
};

static void place_clear(struct place *place)
{
        free(place->path);
        free(place->resolved);
        fd_close(place->fd);
}

struct trust_cache *trust_cache_new(enum policy_trust trust)
{
        struct trust_cache *cache = calloc(1, sizeof(*cache));

        if (cache != NULL)
                cache->trust = trust;
        return cache;
}

void trust_cache_free(struct trust_cache *cache)
{
        if (cache == NULL)
                return;
        for (size_t i = 0; i < cache->count; i++)
                place_clear(&cache->places[i]);
        free(cache);
}

struct walk {
        enum policy_trust trust;
        int fd; /* O_PATH of the directory reached */
        struct buf done; /* its path, "" for the root */
        char *rest; /* what is still to walk */
        unsigned links;
        struct buf *why;
};

static int fail(struct walk *walk, const char *name, int error, const char *what)
{
        buf_printf(walk->why, "%s%s%s%s %s", walk->done.length > 0 ? walk->done.data : "", *name != '\0' ? "/" : "",
                   name, what != NULL ? "" : ":", what != NULL ? what : strerror(-error));
        return error;
}

/* The store of Nix is group-writable for its builders, but sticky: what root owns in it only root replaces. */
static bool is_store(const struct walk *walk, const char *name, const struct stat *st)
{
        return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0 && (st->st_mode & S_IWOTH) == 0 &&
               walk->done.length == 4 && memcmp(walk->done.data, "/nix", 4) == 0 && strcmp(name, "store") == 0;
}

static int check(struct walk *walk, const char *name, const struct stat *st)
{
        if (walk->trust == POLICY_ANY_OWNER || S_ISLNK(st->st_mode))
                return 0; /* a link's directory has been checked: only root can have made it */
        if (st->st_uid != 0)
                return fail(walk, name, -EPERM, "does not belong to root");
        if ((st->st_mode & S_IWOTH) != 0)
                return fail(walk, name, -EPERM, "is world-writable");
        if ((st->st_mode & S_IWGRP) != 0 && !is_store(walk, name, st))
                return fail(walk, name, -EPERM, "is group-writable");
        return 0;
}

static int go_to_root(struct walk *walk)
{
        struct stat st;
        int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return fail(walk, "", -errno, NULL);
        fd_close(walk->fd);
        walk->fd = fd;
        buf_clear(&walk->done);
        if (fstat(fd, &st) < 0)
                return fail(walk, "", -errno, NULL);
        return check(walk, "", &st);
}

static int go_up(struct walk *walk)
{
        int fd = openat(walk->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return fail(walk, "..", -errno, NULL);
        fd_close(walk->fd);
        walk->fd = fd;
        while (walk->done.length > 0 && walk->done.data[--walk->done.length] != '/')
                ;
        if (walk->done.data != NULL)
                walk->done.data[walk->done.length] = '\0';
        return 0;
}

static int follow(struct walk *walk, int link, const char *name, const char *rest)
{
        char target[PATH_MAX];
        ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);
        char *joined;

        if (n <= 0 || (size_t)n >= sizeof(target) - 1)
                return fail(walk, name, n < 0 ? -errno : -ENAMETOOLONG, NULL);
        target[n] = '\0';
        if (++walk->links > LINKS_MOST)
                return fail(walk, name, -ELOOP, NULL);
        if (asprintf(&joined, "%s/%s", target, rest) < 0)
                return -ENOMEM;
        free(walk->rest);
        walk->rest = joined;
        return target[0] == '/' ? go_to_root(walk) : 0;
}

/* One component, which is taken off `rest`. */
static int go_down(struct walk *walk, const char *name)
{
        cleanup_fd int fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fail(walk, name, -errno, NULL);
        r = check(walk, name, &st);
        if (r < 0)
                return r;
        if (S_ISLNK(st.st_mode)) {
                cleanup_free char *rest = strdup(walk->rest);

                return rest == NULL ? -ENOMEM : follow(walk, fd, name, rest);
        }
        fd_close(walk->fd);
        walk->fd = take_fd(&fd);
        buf_put_char(&walk->done, '/');
        buf_put_text(&walk->done, name);
        return walk->done.error;
}

/* From where it is. */
static int walk_all(struct walk *walk)
{
        int r = 0;

        while (r == 0) {
                size_t skipped = strspn(walk->rest, "/");
                size_t n = strcspn(walk->rest + skipped, "/");
                cleanup_free char *name = strndup(walk->rest + skipped, n);

                if (name == NULL)
                        return -ENOMEM;
                if (n == 0)
                        return 0;
                memmove(walk->rest, walk->rest + skipped + n, strlen(walk->rest + skipped + n) + 1);
                if (strcmp(name, "..") == 0)
                        r = go_up(walk);
                else if (strcmp(name, ".") != 0)
                        r = go_down(walk, name);
        }
        return r;
}

/* An O_PATH descriptor into one for reading, the very same file. */
static int open_found(struct walk *walk, enum trust_kind kind, int *ret_fd)
{
        char self[64];
        struct stat st;
        int fd;

        if (fstat(walk->fd, &st) < 0)
                return fail(walk, "", -errno, NULL);
        if (kind == TRUST_FILE && !S_ISREG(st.st_mode))
                return fail(walk, "", -EINVAL, "is not a regular file");
        if (kind == TRUST_DIRECTORY && !S_ISDIR(st.st_mode))
                return fail(walk, "", -ENOTDIR, NULL);
        (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", walk->fd);
        fd = open(self, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return fail(walk, "", -errno, NULL);
        *ret_fd = fd;
        return 0;
}

/* --- the cache ---------------------------------------------------------------------------------------------------- */

static const struct place *find_place(const struct trust_cache *cache, const char *path)
{
        for (size_t i = 0; i < cache->count; i++)
                if (strcmp(cache->places[i].path, path) == 0)
                        return &cache->places[i];
        return NULL;
}

/* `walk` has reached that directory. */
static int keep_place(struct trust_cache *cache, const char *path, const struct walk *walk,
                      const struct place **ret_place)
{
        struct place place = { .path = strdup(path),
                               .resolved = strdup(walk->done.length > 0 ? walk->done.data : ""),
                               .fd = fcntl(walk->fd, F_DUPFD_CLOEXEC, 3) };
        struct place *slot;

        if (place.path == NULL || place.resolved == NULL || place.fd < 0) {
                int r = place.fd < 0 ? -errno : -ENOMEM;

                place_clear(&place);
                return r;
        }
        if (cache->count < PLACES_MOST) {
                slot = &cache->places[cache->count++];
        } else {
                slot = &cache->places[cache->oldest];
                cache->oldest = (cache->oldest + 1) % PLACES_MOST;
                place_clear(slot);
        }
        *slot = place;
        *ret_place = slot;
        return 0;
}

static void walk_clear(struct walk *walk)
{
        fd_close(walk->fd);
        free(walk->rest);
        buf_free(&walk->done);
}

/* The directory is looked at once, and found again by the cache. */
static int go_to_directory(struct trust_cache *cache, const char *directory, struct walk *walk,
                           const struct place **ret_place)
{
        const struct place *place = find_place(cache, directory);
        int r = 0;

        if (place == NULL) {
                walk->rest = strdup(directory);
                r = walk->rest == NULL ? -ENOMEM : go_to_root(walk);
                if (r == 0)
                        r = walk_all(walk);
                if (r == 0)
                        r = keep_place(cache, directory, walk, &place);
        }
        if (r == 0)
                *ret_place = place;
        return r;
}

/* What nearly every file is: a regular one of root's in a directory that was found to be trusted, and no link. The descriptor is the one that is
 * looked at, so nothing can be swapped. Only root can have put a device there, which may notice that it is opened: below /dev the long
 * way is gone, and for files of anybody's. -EAGAIN: the long way decides, and has the words for what is wrong. */
static int open_plain(const struct trust_cache *cache, const struct place *place, const char *name, int *ret_fd)
{
        cleanup_fd int fd = -1;
        struct stat st;

        if (cache->trust != POLICY_ROOT_ONLY || *name == '\0' || strncmp(place->resolved, "/dev", 4) == 0)
                return -EAGAIN;
        fd = openat(place->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return errno == ENOENT ? -ENOENT : -EAGAIN;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
                return -EAGAIN;
        *ret_fd = take_fd(&fd);
        return 0;
}

/* From the directory on, whatever the name is or leads to. */
static int open_any(const struct place *place, const char *name, enum trust_kind kind, struct walk *walk, int *ret_fd)
{
        int r;

        free(walk->rest);
        walk->rest = strdup(name);
        buf_clear(&walk->done);
        buf_put_text(&walk->done, place->resolved);
        if (walk->rest == NULL || walk->done.error != 0)
                return walk->rest == NULL ? -ENOMEM : walk->done.error;
        fd_close(walk->fd);
        walk->fd = fcntl(place->fd, F_DUPFD_CLOEXEC, 3);
        if (walk->fd < 0)
                return -errno;
        r = walk_all(walk);
        return r < 0 ? r : open_found(walk, kind, ret_fd);
}

/* `walk` is left where the file is. */
static int open_in(struct trust_cache *cache, const char *path, enum trust_kind kind, struct walk *walk, int *ret_fd)
{
        const char *slash = strrchr(path, '/');
        cleanup_free char *directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
        const struct place *place = NULL;
        int r = directory == NULL ? -ENOMEM : go_to_directory(cache, directory, walk, &place);

        if (place == NULL)
                return r;
        r = kind == TRUST_FILE ? open_plain(cache, place, slash + 1, ret_fd) : -EAGAIN;
        if (r == -EAGAIN)
                return open_any(place, slash + 1, kind, walk, ret_fd);
        buf_clear(&walk->done);
        buf_put_text(&walk->done, place->resolved);
        if (r < 0)
                return fail(walk, slash + 1, r, NULL);
        buf_put_char(&walk->done, '/');
        buf_put_text(&walk->done, slash + 1);
        return walk->done.error;
}

int trust_open(struct trust_cache *cache, const char *path, enum trust_kind kind, int *ret_fd, char **ret_resolved,
               struct buf *why)
{
        struct walk walk = { .trust = cache->trust, .fd = -1, .done = BUF_INIT(PATH_MAX), .why = why };
        cleanup_free char *resolved = NULL;
        cleanup_fd int fd = -1;
        int r;

        if (path[0] != '/') {
                buf_printf(why, "%s is not an absolute path", path);
                return -EINVAL;
        }
        r = open_in(cache, path, kind, &walk, &fd);
        if (r == 0 && (resolved = strdup(walk.done.length > 0 ? walk.done.data : "/")) == NULL)
                r = -ENOMEM;
        walk_clear(&walk);
        if (r < 0)
                return r;
        *ret_fd = take_fd(&fd);
        if (ret_resolved != NULL)
                *ret_resolved = take_ptr(&resolved);
        return 0;
}
