#include "pam_diag/confine/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/confine/place.h"

/* What a directory may have at all, and to be kept; and how many are: the others are read anew each time. */
enum { READ_MOST = 64 * 1024 * 1024, NAMES_MOST = 256 * 1024, DIRECTORIES_MOST = 64 };

struct directory {
        struct directory *next;
        char *path;
        struct buf names;
};

struct listing {
        struct directory *directories;
        unsigned count;
        struct buf read; /* the last one, unless it is kept */
};

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
        struct listing *listing = malloc(sizeof(*listing));

        if (listing != NULL)
                *listing = (struct listing){ .read = BUF_INIT(READ_MOST) };
        return listing;
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
        buf_free(&listing->read);
        free(listing);
}

static const struct directory *find(const struct listing *listing, const char *path)
{
        const struct directory *directory = listing->directories;

        while (directory != NULL && strcmp(directory->path, path) != 0)
                directory = directory->next;
        return directory;
}

/* NULL: what was read is not kept, being too large or one too many, or there is no memory. */
static const struct directory *keep(struct listing *listing, const char *path)
{
        bool fits = listing->count < DIRECTORIES_MOST && listing->read.length <= NAMES_MOST;
        struct directory *directory = fits ? calloc(1, sizeof(*directory)) : NULL;

        if (directory == NULL)
                return NULL;
        directory->path = strdup(path);
        if (directory->path == NULL) {
                free(directory);
                return NULL;
        }
        directory->names = listing->read;
        listing->read = BUF_INIT(READ_MOST);
        directory->next = listing->directories;
        listing->directories = directory;
        listing->count++;
        return directory;
}

static int list(void *context, const char *path, const struct buf **ret_names)
{
        struct listing *listing = context;
        const struct directory *directory = find(listing, path);

        if (directory == NULL) {
                int r;

                buf_clear(&listing->read);
                r = wild_read(path, &listing->read);
                if (r < 0)
                        return place_is_gone(r) ? 0 : r;
                directory = keep(listing, path);
        }
        *ret_names = directory != NULL ? &directory->names : &listing->read;
        return 0;
}

int listing_expand(struct listing *listing, const char *pattern, char ***ret_paths)
{
        return wild_expand(pattern, list, listing, ret_paths);
}
