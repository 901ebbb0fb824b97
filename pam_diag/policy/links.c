#include "pam_diag/policy/links.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"

/* A look at that many takes some milliseconds; the largest of denied directories must not hold up a session for longer. */
enum { LOOKS_MOST = 10000 };

int links_are_denied(struct links *links, const struct path_resolver *resolver, char *const *patterns,
                     const char *resolved)
{
        struct file_identity identity = { 0 };

        if (resolver->identify == NULL || resolver->identify(resolver->context, resolved, &identity) < 0)
                return 0;
        if (!links->collected) {
                int r = resolver->collect(resolver->context, patterns, LOOKS_MOST, &links->files, &links->count);

                if (r < 0)
                        return r;
                links->collected = true;
        }
        for (size_t i = 0; i < links->count; i++)
                if (links->files[i].device == identity.device && links->files[i].inode == identity.inode)
                        return 1;
        return 0;
}

/* --- on the live filesystem ---------------------------------------------------------------------------------------- */

struct collection {
        struct file_identity *files;
        size_t count;
        size_t room;
        size_t looks; /* how many are left */
};

static bool has_further_names(const struct stat *status)
{
        return S_ISREG(status->st_mode) && status->st_nlink > 1;
}

int links_identify(void *context, const char *path, struct file_identity *ret_identity)
{
        struct stat status;

        (void)context;
        if (lstat(path, &status) < 0 || !has_further_names(&status))
                return -ENOENT;
        *ret_identity = (struct file_identity){ status.st_dev, status.st_ino };
        return 0;
}

static int add(struct collection *collection, const struct stat *status)
{
        if (!has_further_names(status))
                return 0;
        if (collection->count == collection->room) {
                size_t room = collection->room == 0 ? 16 : 2 * collection->room;
                struct file_identity *larger = reallocarray(collection->files, room, sizeof(*larger));

                if (larger == NULL)
                        return -ENOMEM;
                collection->files = larger;
                collection->room = room;
        }
        collection->files[collection->count++] = (struct file_identity){ status->st_dev, status->st_ino };
        return 0;
}

static int add_directory(struct collection *collection, const char *path)
{
        DIR *directory = opendir(path);
        const struct dirent *entry;
        int r = 0;

        if (directory == NULL)
                return 0;
        while (r == 0 && collection->looks > 0 && (entry = readdir(directory)) != NULL) {
                struct stat status;

                if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
                        continue;
                collection->looks--;
                if (fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
                        r = add(collection, &status);
        }
        (void)closedir(directory);
        return r;
}

static int add_place(struct collection *collection, const char *path)
{
        struct stat status;

        if (collection->looks == 0)
                return 0;
        collection->looks--;
        /* A denied name that is a link stands for what it leads to. */
        if (stat(path, &status) < 0)
                return 0;
        return S_ISDIR(status.st_mode) ? add_directory(collection, path) : add(collection, &status);
}

static int add_pattern(struct collection *collection, const char *pattern)
{
        cleanup_strv char **found = NULL;
        int r;

        /* Files of the kernel's own trees have one name each. */
        if (strncmp(pattern, "/proc/", 6) == 0 || strncmp(pattern, "/sys/", 5) == 0)
                return 0;
        r = wild_matches(pattern, &found);
        for (size_t i = 0; r == 0 && found != NULL && found[i] != NULL; i++)
                r = add_place(collection, found[i]);
        return r;
}

int links_collect(void *context, char *const *patterns, size_t most, struct file_identity **ret_files,
                  size_t *ret_count)
{
        struct collection collection = { .looks = most };
        int r = 0;

        (void)context;
        for (size_t i = 0; r == 0 && patterns != NULL && patterns[i] != NULL; i++)
                r = add_pattern(&collection, patterns[i]);
        if (r < 0) {
                free(collection.files);
                return r;
        }
        *ret_files = collection.files;
        *ret_count = collection.count;
        return 0;
}
