#include "pam_diag/supervisor/drop.h"

#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The bounding set goes first: dropping from it needs CAP_SETPCAP, which the change of uid takes away. */
static int empty_bounding_set(void)
{
        for (cap_value_t cap = 0; CAP_IS_SUPPORTED(cap); cap++)
                if (cap_drop_bound(cap) < 0)
                        return -errno;
        return 0;
}

int drop_keep(const cap_value_t *keep, int count)
{
        cap_t caps = cap_init(); /* empty */
        int r = 0;

        if (caps == NULL)
                return -ENOMEM;
        if ((count > 0 && (cap_set_flag(caps, CAP_PERMITTED, count, keep, CAP_SET) < 0 ||
                           cap_set_flag(caps, CAP_EFFECTIVE, count, keep, CAP_SET) < 0)) ||
            cap_set_proc(caps) < 0)
                r = -errno;
        cap_free(caps);
        return r;
}

int drop_to(uid_t uid, gid_t gid, const cap_value_t *keep, int count)
{
        int r = empty_bounding_set();

        if (r < 0)
                return r;
        /* KEEPCAPS carries the permitted set over the change of uid and is cleared by the next exec; drop_keep then
         * reduces the set. Nothing can be regained: no_new_privs, no root uid left in any of the three. */
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
            setresuid(uid, uid, uid) < 0)
                return -errno;
        r = drop_keep(keep, count);
        if (r < 0)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return -errno;
        return 0;
}
