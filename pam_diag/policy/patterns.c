#include "pam_diag/policy/patterns.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

/* Appends the components of `path` to `out`, which has room for them; `..` pops when it may. */
static int put_components(const char *path, bool may_pop, char *out)
{
        size_t used = 0;

        for (const char *at = path; *at != '\0';) {
                size_t n;

                at += strspn(at, "/");
                n = strcspn(at, "/");
                if (n == 2 && at[0] == '.' && at[1] == '.') {
                        if (!may_pop)
                                return -EINVAL;
                        while (used > 0 && out[--used] != '/')
                                ;
                } else if (n > 0 && !(n == 1 && at[0] == '.')) {
                        out[used++] = '/';
                        memcpy(out + used, at, n);
                        used += n;
                }
                at += n;
        }
        if (used == 0)
                out[used++] = '/';
        out[used] = '\0';
        return 0;
}

static int normalise(const char *path, bool may_pop, char **ret_path)
{
        cleanup_free char *out = NULL;
        int r;

        if (path[0] != '/')
                return -EINVAL;
        out = malloc(strlen(path) + 2);
        if (out == NULL)
                return -ENOMEM;
        r = put_components(path, may_pop, out);
        if (r < 0)
                return r;
        *ret_path = take_ptr(&out);
        return 0;
}

int pattern_normalise(const char *written, char **ret_pattern)
{
        return normalise(written, false, ret_pattern);
}

int path_normalise(const char *path, char **ret_path)
{
        return normalise(path, true, ret_path);
}

static bool is_wild(char c)
{
        return c == '*' || c == '?' || c == '[' || c == '\\';
}

/* Most differ in their first letters: no more of them is read than that takes. */
static bool covers(const char *pattern, const char *path)
{
        size_t same = 0;

        while (pattern[same] != '\0' && !is_wild(pattern[same]) && pattern[same] == path[same])
                same++;
        if (pattern[same] == '\0')
                return path[same] == '\0' || path[same] == '/' || (same == 1 && path[0] == '/');
        /* FNM_LEADING_DIR (glibc, fnmatch(3)): a match of an ancestor is a match. No FNM_PERIOD: `*` means dot files too. */
        return is_wild(pattern[same]) && fnmatch(pattern, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0;
}

const char *patterns_find(char *const *patterns, const char *path)
{
        for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++)
                if (covers(patterns[i], path))
                        return patterns[i];
        return NULL;
}

bool patterns_cover(char *const *patterns, const char *path)
{
        return patterns_find(patterns, path) != NULL;
}
