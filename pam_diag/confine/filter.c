#include "pam_diag/confine/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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
        /* Namespaces and mounts: the tree of the session stays as the module made it. */
        { SCMP_SYS(unshare), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(setns), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(clone3), SCMP_ACT_ERRNO(ENOSYS) },
        { SCMP_SYS(mount), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(umount2), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(pivot_root), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(open_tree), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(move_mount), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(fsopen), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(fsmount), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(mount_setattr), SCMP_ACT_ERRNO(EPERM) },
        /* Looking into and steering other processes. */
        { SCMP_SYS(ptrace), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(process_vm_readv), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(process_vm_writev), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(pidfd_getfd), SCMP_ACT_ERRNO(EPERM) },
        { SCMP_SYS(bpf), SCMP_ACT_ERRNO(EPERM) },
};

/* Calls that are judged by one register. */
static const struct {
        int number;
        uint32_t error;
        unsigned argument;
        enum scmp_compare compare;
        uint64_t first; /* what is compared with, or the mask */
        uint64_t second; /* what the masked argument is compared with */
} conditions[] = {
        /* Limits and scheduling of other processes ask for no more than an equal uid: a command could starve diag-shell of
         * descriptors or CPU seconds and so outlive its own limits. 0 is the caller itself. */
        { SCMP_SYS(prlimit64), EPERM, 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setaffinity), EPERM, 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setscheduler), EPERM, 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setparam), EPERM, 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setattr), EPERM, 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(setpriority), EPERM, 1, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(ioprio_set), EPERM, 1, SCMP_CMP_NE, 0, 0 },
        /* An end of a datagram pair sends to any address, /dev/log included: socket(2) by another door. AF_UNIX takes
         * SOCK_RAW for SOCK_DGRAM. The low four bits are the type, flags stand above them. */
        { SCMP_SYS(socketpair), EPERM, 1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM },
        { SCMP_SYS(socketpair), EPERM, 1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW },
        /* A user namespace makes root of anybody, for as much of the kernel as trusts it. clone3 hides its flags in memory;
         * the C library falls back to clone on ENOSYS. */
        { SCMP_SYS(clone), EPERM, 0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER },
        /* Changes what /proc/PID/exe names, by which sshd's own processes are known. The kernel looks at the low half alone. */
        { SCMP_SYS(prctl), EPERM, 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, PR_SET_MM },
};

static int filter_build(scmp_filter_ctx context)
{
        int r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

        for (size_t i = 0; r == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
                r = seccomp_rule_add(context, rules[i].action, rules[i].number, 0);
        for (size_t i = 0; r == 0 && i < sizeof(conditions) / sizeof(conditions[0]); i++)
                r = seccomp_rule_add(context, SCMP_ACT_ERRNO(conditions[i].error), conditions[i].number, 1,
                                     SCMP_CMP64(conditions[i].argument, conditions[i].compare, conditions[i].first,
                                                conditions[i].second));
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
