#include "pam_diag/confine/only.h"

#include <errno.h>
#include <seccomp.h>

int only_calls(const int *calls, size_t count)
{
        scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
        int r = context == NULL ? -ENOMEM : 0;

        for (size_t i = 0; r == 0 && i < count; i++)
                r = seccomp_rule_add(context, SCMP_ACT_ALLOW, calls[i], 0);
        if (r == 0)
                r = seccomp_load(context);
        if (context != NULL)
                seccomp_release(context);
        return r;
}
