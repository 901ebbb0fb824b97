#include "pam_diag/confine/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"

/* What a directory may have to be kept, and how many are: the others are read anew each time. */
enum { NAMES_MOST = 256 * 1024, DIRECTORIES_MOST = 64 };

struct directory {
        struct directory *next;
        char *path;
        struct buf names; /* of each entry its type, a byte, and its name with its NUL */
};

struct listing {
        struct directory *directories;
        unsigned count;
        bool failed; /* glob(3) takes an error of readdir(3) for the end */
};

/* One reading of a directory: of what is kept, or, with `stream`, of the directory itself. */
struct reading {
        const struct directory *directory;
        size_t at;
        DIR *stream;
        struct dirent entry;
};

/* glob(3) hands nothing to its callbacks but a path. */
static struct listing *current;

static void directory_free(struct directory *directory)
{
        if (directory == NULL)
                return;
        free(directory->path);
        buf_free(&directory->names);
        free(directory);
}

struct listing *listing_new(void)
{
        return calloc(1, sizeof(struct listing));
}

void listing_free(struct listing *listing)
{
        if (listing == NULL)
                return;
        while (listing->directories != NULL) {
                struct directory *next = listing->directories->next;

                directory_free(listing->directories);
                listing->directories = next;
        }
        free(listing);
}

static struct directory *find(const char *path)
{
        struct directory *directory = current->directories;

        while (directory != NULL && strcmp(directory->path, path) != 0)
                directory = directory->next;
        return directory;
}

static struct dirent *read_entry(DIR *stream)
{
        struct dirent *entry;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL && errno != 0)
                current->failed = true;
        return entry;
}

static bool read_names(DIR *stream, struct buf *names)
{
        const struct dirent *entry = read_entry(stream);

        for (; entry != NULL; entry = read_entry(stream)) {
                size_t length = strlen(entry->d_name) + 1;

                if (length > sizeof(entry->d_name))
                        return false;
                buf_put_char(names, (char)entry->d_type);
                buf_put(names, entry->d_name, length);
        }
        return names->error == 0 && !current->failed;
}

/* NULL: it is not kept, being too large or one too many, or there is no memory. */
static struct directory *keep(DIR *stream, const char *path)
{
        struct directory *directory = current->count < DIRECTORIES_MOST ? calloc(1, sizeof(*directory)) : NULL;

        if (directory == NULL)
                return NULL;
        directory->names = BUF_INIT(NAMES_MOST);
        directory->path = strdup(path);
        if (directory->path == NULL || !read_names(stream, &directory->names)) {
                directory_free(directory);
                return NULL;
        }
        directory->next = current->directories;
        current->directories = directory;
        current->count++;
        return directory;
}

static void *open_directory(const char *path)
{
        struct reading *reading = calloc(1, sizeof(*reading));

        if (reading == NULL)
                return NULL;
        reading->directory = find(path);
        if (reading->directory != NULL)
                return reading;
        reading->stream = opendir(path);
        if (reading->stream == NULL) {
                free(reading); /* leaves errno alone (glibc 2.33) */
                return NULL;
        }
        reading->directory = keep(reading->stream, path);
        if (reading->directory == NULL)
                rewinddir(reading->stream);
        return reading;
}

static struct dirent *next_entry(void *data)
{
        struct reading *reading = data;
        const struct buf *names;
        size_t length;

        if (reading->directory == NULL)
                return read_entry(reading->stream);
        names = &reading->directory->names;
        if (reading->at >= names->length)
                return NULL;
        reading->entry.d_type = (unsigned char)names->data[reading->at++];
        length = strlen(names->data + reading->at) + 1; /* the kernel's: NAME_MAX, for which d_name has room */
        memcpy(reading->entry.d_name, names->data + reading->at, length);
        reading->entry.d_ino = 1;
        reading->at += length;
        return &reading->entry;
}

static void close_directory(void *data)
{
        struct reading *reading = data;

        if (reading->stream != NULL)
                (void)closedir(reading->stream);
        free(reading);
}

int listing_glob(struct listing *listing, const char *pattern, int (*failed)(const char *path, int error),
                 glob_t *found)
{
        int r;

        found->gl_opendir = open_directory;
        found->gl_readdir = next_entry;
        found->gl_closedir = close_directory;
        found->gl_stat = stat;
        found->gl_lstat = lstat;
        current = listing;
        listing->failed = false;
        r = glob(pattern, GLOB_NOSORT | GLOB_ALTDIRFUNC, failed, found);
        current = NULL;
        return listing->failed && r != GLOB_NOSPACE ? GLOB_ABORTED : r;
}
