#include "pam_diag/policy/resolve.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/policy/links.h"

enum { LINKS_MOST = 40, PROC_ROOT_INODE = 1, LOOKS_MOST = 100000 };

struct resolution {
        struct buf done; /* resolved, "" for the root */
        char *rest;
        unsigned links;
        size_t kept; /* length of `done` where it ends in /proc/self or thread-self, else 0 */
        size_t known; /* length of `done` up to the first part that did not exist or could not be seen */
        bool unknown; /* there was one: what follows is taken as it is written */
};

static const char *text(const struct resolution *resolution)
{
        return resolution->done.length > 0 ? resolution->done.data : "/";
}

static void cut(struct resolution *resolution, size_t length)
{
        resolution->done.length = length;
        if (resolution->done.data != NULL)
                resolution->done.data[length] = '\0';
}

static void pop(struct resolution *resolution)
{
        size_t length = resolution->done.length;

        while (length > 0 && resolution->done.data[--length] != '/')
                ;
        cut(resolution, length);
}

static bool is_in_procfs(const char *directory, bool *ret_root)
{
        struct statfs fs;
        struct stat st;

        if (statfs(directory, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
                return false;
        *ret_root = stat(directory, &st) == 0 && st.st_ino == PROC_ROOT_INODE;
        return true;
}

static int put_target(struct resolution *resolution, const char *target)
{
        char *joined;

        if (asprintf(&joined, "%s/%s", target, resolution->rest) < 0)
                return -ENOMEM;
        free(resolution->rest);
        resolution->rest = joined;
        if (target[0] == '/')
                cut(resolution, 0);
        return 0;
}

/* `done` ends in the link, whose name begins at `before` + 1. */
static int follow(struct resolution *resolution, size_t before, const char *name)
{
        char target[PATH_MAX];
        bool proc_root = false;
        ssize_t n;

        if (++resolution->links > LINKS_MOST)
                return -ELOOP;
        n = readlink(text(resolution), target, sizeof(target) - 1);
        cut(resolution, before);
        if (n < 0 && (errno == EACCES || errno == ENOENT))
                return -EXDEV; /* only procfs hides where a visible link leads */
        if (n <= 0 || (size_t)n >= sizeof(target) - 1)
                return n < 0 ? -errno : -ENAMETOOLONG;
        target[n] = '\0';
        if (is_in_procfs(text(resolution), &proc_root)) {
                /* Below a process every link is a magic one: its text is no path (proc(5), path_resolution(7)). */
                if (!proc_root || target[0] == '/')
                        return -EXDEV;
                /* self and thread-self mean whoever looks: the name is the place. */
                if (strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0) {
                        buf_put_char(&resolution->done, '/');
                        buf_put_text(&resolution->done, name);
                        resolution->kept = resolution->done.length;
                        return resolution->done.error;
                }
        }
        return put_target(resolution, target);
}

static int descend(struct resolution *resolution, const char *name)
{
        size_t before = resolution->done.length;
        struct stat st;

        buf_put_char(&resolution->done, '/');
        buf_put_text(&resolution->done, name);
        if (resolution->done.error != 0)
                return -ENAMETOOLONG;
        if (resolution->unknown)
                return 0;
        if (lstat(text(resolution), &st) < 0) {
                if (errno != ENOENT && errno != EACCES && errno != ENOTDIR)
                        return -errno;
                resolution->unknown = true;
                resolution->known = before;
                return 0;
        }
        return S_ISLNK(st.st_mode) ? follow(resolution, before, name) : 0;
}

static int go_up(struct resolution *resolution)
{
        struct stat st;

        /* What stands before `..` must be a directory that is there, and no name that was kept instead of followed, or
         * the kernel would go elsewhere than the text. The root's parent is the root. */
        if (resolution->done.length == 0)
                return 0;
        if (resolution->unknown || resolution->done.length == resolution->kept || stat(text(resolution), &st) < 0 ||
            !S_ISDIR(st.st_mode))
                return -EINVAL;
        pop(resolution);
        return 0;
}

static int walk(struct resolution *resolution)
{
        for (;;) {
                size_t skipped = strspn(resolution->rest, "/");
                size_t n = strcspn(resolution->rest + skipped, "/");
                cleanup_free char *name = strndup(resolution->rest + skipped, n);
                int r = 0;

                if (name == NULL)
                        return -ENOMEM;
                if (n == 0)
                        return 0;
                memmove(resolution->rest, resolution->rest + skipped + n, strlen(resolution->rest + skipped + n) + 1);
                if (strcmp(name, "..") == 0)
                        r = go_up(resolution);
                else if (strcmp(name, ".") != 0)
                        r = descend(resolution, name);
                if (r < 0)
                        return r;
        }
}

static int resolve_live(void *context, const char *path, char **ret_resolved, size_t *ret_known)
{
        struct resolution resolution = { .done = BUF_INIT(PATH_MAX) };
        char *resolved = NULL;
        int r = 0;

        (void)context;
        if (path[0] != '/')
                return -EINVAL;
        resolution.rest = strdup(path);
        r = resolution.rest == NULL ? -ENOMEM : walk(&resolution);
        if (r == 0 && (resolved = strdup(text(&resolution))) == NULL)
                r = -ENOMEM;
        free(resolution.rest);
        buf_free(&resolution.done);
        if (r != 0)
                return r;
        *ret_known = resolution.unknown ? resolution.known : strlen(resolved);
        *ret_resolved = resolved;
        return 0;
}

/* glob(3) hands no context to its callbacks: how many more entries this one expansion may look at. */
static size_t looks_left;

static struct dirent *look(void *directory)
{
        if (looks_left == 0)
                return NULL;
        looks_left--;
        return readdir(directory);
}

static void *open_directory(const char *path)
{
        return opendir(path);
}

static void close_directory(void *directory)
{
        (void)closedir(directory);
}

/* As this process sees it: a directory that it cannot read has no matches. A pattern that would walk through half of the filesystem is
 * given up: the session waits for the answer. */
static int expand_live(void *context, const char *pattern, size_t most, char ***ret_paths)
{
        cleanup_strv char **paths = NULL;
        glob_t found = { .gl_opendir = open_directory,
                         .gl_readdir = look,
                         .gl_closedir = close_directory,
                         .gl_stat = stat,
                         .gl_lstat = lstat };
        int r;

        (void)context;
        looks_left = LOOKS_MOST;
        switch (glob(pattern, GLOB_ALTDIRFUNC, NULL, &found)) {
        case 0:
                r = found.gl_pathc > most || looks_left == 0 ? -E2BIG : 0;
                break;
        case GLOB_NOSPACE:
                r = -ENOMEM;
                break;
        default:
                r = looks_left == 0 ? -E2BIG : -ENOENT;
        }
        for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
                r = strv_append(&paths, found.gl_pathv[i]);
        globfree(&found);
        if (r == 0)
                *ret_paths = take_ptr(&paths);
        return r;
}

const struct path_resolver path_resolver_live = {
        .resolve = resolve_live,
        .expand = expand_live,
        .identify = links_identify,
        .collect = links_collect,
        .context = NULL,
};
