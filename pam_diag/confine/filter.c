#include "pam_diag/confine/filter.h"

#include <linux/seccomp.h>

#include "pam_diag/confine/bpf_load.h"
#include "pam_diag/confine/made.h"

int filter_install(int *ret_listener)
{
        /* Without WAIT_KILLABLE_RECV a signal to the waiting task restarts its call, and with it the notification, for ever. The kernel
         * makes the listener close-on-exec. */
        int r = bpf_load(made_session, made_session_size,
                         SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

        if (r < 0)
                return r;
        *ret_listener = r;
        return 0;
}
