#include "pam_diag/supervisor/trees.h"

#include <stdbool.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"

static bool is_inside(const char *pattern, const char *tree)
{
        size_t n = strlen(tree);

        if (!wild_is_plain(tree))
                return false;
        if (strcmp(tree, "/") == 0)
                return pattern[1] != '\0';
        return strncmp(pattern, tree, n) == 0 && pattern[n] == '/';
}

static bool is_inside_any(const char *pattern, char *const *trees)
{
        for (size_t i = 0; trees != NULL && trees[i] != NULL; i++)
                if (is_inside(pattern, trees[i]))
                        return true;
        return false;
}

int trees_reduce(char *const *first, char *const *second, char ***ret_trees)
{
        char *const *const lists[] = { first, second };
        cleanup_strv char **trees = NULL;
        int r = 0;

        for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++)
                for (size_t i = 0; r == 0 && lists[l] != NULL && lists[l][i] != NULL; i++)
                        if (!is_inside_any(lists[l][i], first) && !is_inside_any(lists[l][i], second))
                                r = strv_append_once(&trees, lists[l][i]);
        if (r < 0)
                return r;
        *ret_trees = take_ptr(&trees);
        return 0;
}
