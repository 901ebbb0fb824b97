#include "pam_diag/confine/cgroup_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

int cgroup_parse(const char *text, char **ret_path)
{
        const char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
        cleanup_free char *path = NULL;

        if (line == NULL)
                return -ENOENT;
        line += line[0] == '\n' ? 4 : 3;
        path = strndup(line, strcspn(line, "\n"));
        if (path == NULL)
                return -ENOMEM;
        /* "/..": above the root of the caller's cgroup namespace. */
        if (path[0] != '/' || strncmp(path, "/..", 3) == 0)
                return -ENOENT;
        *ret_path = take_ptr(&path);
        return 0;
}
