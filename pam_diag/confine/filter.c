#include "pam_diag/confine/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

static void context_release(scmp_filter_ctx *context)
{
        if (*context != NULL)
                seccomp_release(*context);
}

static const struct {
        int number;
        uint32_t action;
} rules[] = {
        { SCMP_SYS(execve), SCMP_ACT_NOTIFY },
        { SCMP_SYS(execveat), SCMP_ACT_NOTIFY },
        { SCMP_SYS(socket), SCMP_ACT_NOTIFY },
        { SCMP_SYS(io_uring_setup), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(io_uring_enter), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(io_uring_register), SCMP_ACT_ERRNO(EPERM) },
        /* Stalling a page fault at will is how a race against a checker is won. */
        { SCMP_SYS(userfaultfd), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(perf_event_open), SCMP_ACT_ERRNO(EPERM) },
};

static int filter_build(scmp_filter_ctx context)
{
        int r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

        for (size_t i = 0; r == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
                r = seccomp_rule_add(context, rules[i].action, rules[i].number, 0);
        return r;
}

/* libseccomp 2.5 cannot load with WAIT_KILLABLE_RECV, but writes the program out. */
static int filter_export(scmp_filter_ctx context, char **ret_program, size_t *ret_length)
{
        cleanup_fd int file = memfd_create("filter", MFD_CLOEXEC);
        int r;

        if (file < 0)
                return -errno;
        r = seccomp_export_bpf(context, file);
        if (r < 0)
                return r;
        if (lseek(file, 0, SEEK_SET) < 0)
                return -errno;
        return fd_read_all(file, BPF_MAXINSNS * sizeof(struct sock_filter), ret_program, ret_length);
}

int filter_install(int *ret_listener)
{
        __attribute__((cleanup(context_release))) scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
        cleanup_free char *program = NULL;
        struct sock_fprog filter;
        size_t length = 0;
        long listener;
        int r;

        if (context == NULL)
                return -ENOMEM;
        r = filter_build(context);
        if (r == 0)
                r = filter_export(context, &program, &length);
        if (r < 0)
                return r;
        filter.len = (unsigned short)(length / sizeof(struct sock_filter));
        filter.filter = (void *)program;
        /* Without WAIT_KILLABLE_RECV a signal to the waiting task restarts its call, and with it the notification, for ever.
         * The kernel makes the listener close-on-exec. */
        listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                           SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &filter);
        if (listener < 0)
                return -errno;
        *ret_listener = (int)listener;
        return 0;
}
