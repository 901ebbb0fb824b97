#include "pam_diag/confine/layers.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/landlock.h"

static const struct {
        unsigned lack;
        const char *name;
} layers[] = {
        { LANDLOCK_LACKS_TRUNCATE, "landlock-truncate" },
        { LANDLOCK_LACKS_NET, "landlock-net" },
        { LANDLOCK_LACKS_IOCTL, "landlock-ioctl" },
        { LANDLOCK_LACKS_SCOPE, "landlock-scope" },
};

int layers_probe(char ***missing)
{
        int abi = landlock_abi();
        unsigned lacks;

        if (abi < 0)
                return abi;
        lacks = landlock_lacks(abi);
        for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
                int r = (lacks & layers[i].lack) != 0 ? strv_append(missing, layers[i].name) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* seccomp(2): with no filter to read, a kernel that knows the flags says EFAULT, and one that does not EINVAL. */
int layers_probe_listener(void)
{
        uint32_t action = SECCOMP_RET_USER_NOTIF;
        unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

        if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
                return errno == EINVAL ? -ENOSYS : -errno;
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno != EFAULT)
                return -errno;
        return 0;
}

int layers_refused(char *const *missing, char *const *accepted, char **ret_names)
{
        cleanup_free char *names = NULL;

        for (size_t i = 0; missing != NULL && missing[i] != NULL; i++) {
                char *longer = NULL;

                if (strv_has(accepted, missing[i], strlen(missing[i])))
                        continue;
                if (asprintf(&longer, "%s%s%s", names == NULL ? "" : names, names == NULL ? "" : " ", missing[i]) < 0)
                        return -ENOMEM;
                free(names);
                names = longer;
        }
        *ret_names = take_ptr(&names);
        return 0;
}
