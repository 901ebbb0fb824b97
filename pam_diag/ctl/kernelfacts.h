/* What the kernel says about itself, taken from its text.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>

/* "6.12.30-amd64" into 6 and 12. -EINVAL when it does not begin so. */
int kernelfacts_release(const char *release, unsigned *ret_major, unsigned *ret_minor);

struct hidepid {
        char value[16]; /* "0", "invisible", … as the kernel writes it; cut when longer */
        bool hides; /* processes of other users cannot be seen */
        long gid; /* the group that sees them all; -1: none named */
};

/* From /proc/self/mounts (proc(5)): the options of the procfs that lies on top at /proc. -ENOENT when there is none. */
int kernelfacts_hidepid(const char *mounts, struct hidepid *ret_hidepid);
