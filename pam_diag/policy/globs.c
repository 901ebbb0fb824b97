#include "pam_diag/policy/globs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pam_diag/policy/paths.h"

/* A component of dots by itself could be matched by a pattern and lead out of the tree that the text names. */
static bool goes_up(const char *pattern)
{
        return strstr(pattern, "/../") != NULL ||
               (strlen(pattern) >= 3 && strcmp(pattern + strlen(pattern) - 3, "/..") == 0);
}

int globs_expand(const struct match *match, const struct word *word, char ***ret_paths, struct buf *wrong,
                 struct buf *hint)
{
        int r;

        if (word->brace) {
                buf_printf(wrong, "%.200s: braces are not expanded here", word->text);
                buf_put_text(hint, "name each path in full");
                return -EACCES;
        }
        if (word->pattern[0] != '/' || goes_up(word->pattern)) {
                buf_printf(wrong, "%.200s is not an absolute pattern", word->text);
                path_put_hint(match->policy, hint);
                return -EACCES;
        }
        if (match->resolver->expand == NULL) {
                buf_printf(wrong, "%.200s: patterns are not expanded here", word->text);
                return -EACCES;
        }
        r = match->resolver->expand(match->resolver->context, word->pattern, GLOBS_PATHS_MOST, ret_paths);
        if (r == -ENOENT) {
                buf_printf(wrong, "%.200s matches nothing that can be seen from here", word->text);
                buf_put_text(hint, "list the directory first: ls -la DIRECTORY");
        } else if (r == -E2BIG) {
                buf_printf(wrong, "%.200s matches more than %d paths, or must look at too many", word->text,
                           GLOBS_PATHS_MOST);
                buf_put_text(hint, "narrow the pattern");
        }
        return r == -ENOENT || r == -E2BIG ? -EACCES : r;
}
