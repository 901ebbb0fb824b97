#include "pam_diag/base/wild.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "pam_diag/base/mem.h"

enum { NAMES_MOST = 64 * 1024 * 1024 };

static bool is_dots(const char *name)
{
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int read_entries(DIR *stream, struct buf *names)
{
        for (;;) {
                const struct dirent *entry;

                errno = 0;
                entry = readdir(stream);
                if (entry == NULL)
                        return errno != 0 ? -errno : names->error;
                if (is_dots(entry->d_name))
                        continue;
                buf_put_char(names, (char)entry->d_type);
                buf_put(names, entry->d_name, strlen(entry->d_name) + 1);
        }
}

int wild_read(const char *directory, struct buf *names)
{
        DIR *stream = opendir(directory);
        int r;

        if (stream == NULL)
                return -errno;
        r = read_entries(stream, names);
        (void)closedir(stream);
        return r;
}

static bool may_be_directory(unsigned char type)
{
        return type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN;
}

/* What has matched up to a component: it may be much, so the count is kept. */
struct matches {
        char **paths;
        size_t count, room;
};

static void matches_free(struct matches *matches)
{
        strv_free(matches->paths);
        *matches = (struct matches){ 0 };
}

/* Takes the path over, unless it fails; -ENOMEM for NULL. */
static int matches_take(struct matches *matches, char **path)
{
        if (*path == NULL)
                return -ENOMEM;
        if (matches->count + 1 >= matches->room) {
                size_t room = matches->room == 0 ? 8 : 2 * matches->room;
                char **larger = reallocarray(matches->paths, room, sizeof(*larger));

                if (larger == NULL)
                        return -ENOMEM;
                matches->paths = larger;
                matches->room = room;
        }
        matches->paths[matches->count++] = take_ptr(path);
        matches->paths[matches->count] = NULL;
        return 0;
}

static int append(struct matches *matches, const char *directory, const char *name)
{
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s/%s", directory, name) < 0)
                path = NULL;
        return matches_take(matches, &path);
}

static int match(const struct buf *names, const char *component, bool is_last, const char *directory,
                 struct matches *matches)
{
        int r = 0;

        for (size_t at = 0; r == 0 && at < names->length;) {
                unsigned char type = (unsigned char)names->data[at];
                const char *name = names->data + at + 1;

                at += 1 + strlen(name) + 1;
                if ((is_last || may_be_directory(type)) && fnmatch(component, name, 0) == 0)
                        r = append(matches, directory, name);
        }
        return r;
}

/* One component further. `directory` is "" for the root. */
static int step(const char *directory, const char *component, bool is_last, wild_list *list, void *context,
                struct matches *matches)
{
        const struct buf *names = NULL;
        int r;

        if (wild_is_plain(component))
                return append(matches, directory, component);
        r = list(context, *directory == '\0' ? "/" : directory, &names);
        return r == 0 && names != NULL ? match(names, component, is_last, directory, matches) : r;
}

static int expand(char *pattern, wild_list *list, void *context, struct matches *matches)
{
        cleanup_free char *root = strdup("");
        int r = matches_take(matches, &root);

        for (char *component = pattern, *next; r == 0 && component != NULL; component = next) {
                struct matches longer = { 0 };

                next = strchr(component, '/');
                if (next != NULL)
                        *next++ = '\0';
                if (*component == '\0')
                        continue;
                for (size_t i = 0; r == 0 && i < matches->count; i++)
                        r = step(matches->paths[i], component, next == NULL, list, context, &longer);
                matches_free(matches);
                *matches = longer;
        }
        return r;
}

int wild_expand(const char *pattern, wild_list *list, void *context, char ***ret_paths)
{
        cleanup_free char *copy = strdup(pattern);
        struct matches matches = { 0 };
        int r = copy == NULL ? -ENOMEM : expand(copy, list, context, &matches);

        if (r < 0) {
                matches_free(&matches);
                return r;
        }
        *ret_paths = matches.paths;
        return 0;
}

static int list_here(void *context, const char *directory, const struct buf **ret_names)
{
        struct buf *names = context;
        int r;

        buf_clear(names);
        r = wild_read(directory, names);
        if (r == -ENOMEM)
                return r;
        *ret_names = names;
        return 0;
}

int wild_matches(const char *pattern, char ***ret_paths)
{
        cleanup_buf struct buf names = BUF_INIT(NAMES_MOST);

        return wild_expand(pattern, list_here, &names, ret_paths);
}
