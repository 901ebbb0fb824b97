#include "pam_diag/confine/filter_rules.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "pam_diag/confine/bpf.h"

static const struct bpf_rule rules[] = {
        { SCMP_SYS(execve), SCMP_ACT_NOTIFY, BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(execveat), SCMP_ACT_NOTIFY, BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(socket), SCMP_ACT_NOTIFY, BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(io_uring_setup), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(io_uring_enter), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(io_uring_register), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        /* Stalling a page fault at will is how a race against a checker is won. */
        { SCMP_SYS(userfaultfd), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(perf_event_open), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        /* Namespaces and mounts: the tree of the session stays as the module made it. */
        { SCMP_SYS(unshare), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(setns), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(clone3), SCMP_ACT_ERRNO(ENOSYS), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(mount), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(umount2), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(pivot_root), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(open_tree), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(move_mount), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(fsopen), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(fsmount), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(mount_setattr), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        /* Looking into and steering other processes. */
        { SCMP_SYS(ptrace), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(process_vm_readv), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(process_vm_writev), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(pidfd_getfd), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        { SCMP_SYS(bpf), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 },
        /* Limits and scheduling of other processes ask for no more than an equal uid: a command could starve diag-shell of
         * descriptors or CPU seconds and so outlive its own limits. 0 is the caller itself. */
        { SCMP_SYS(prlimit64), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setaffinity), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setscheduler), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setparam), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(sched_setattr), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(setpriority), SCMP_ACT_ERRNO(EPERM), 1, SCMP_CMP_NE, 0, 0 },
        { SCMP_SYS(ioprio_set), SCMP_ACT_ERRNO(EPERM), 1, SCMP_CMP_NE, 0, 0 },
        /* An end of a datagram pair sends to any address, /dev/log included: socket(2) by another door. AF_UNIX takes
         * SOCK_RAW for SOCK_DGRAM. The low four bits are the type, flags stand above them. */
        { SCMP_SYS(socketpair), SCMP_ACT_ERRNO(EPERM), 1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM },
        { SCMP_SYS(socketpair), SCMP_ACT_ERRNO(EPERM), 1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW },
        /* A user namespace makes root of anybody, for as much of the kernel as trusts it. clone3 hides its flags in memory;
         * the C library falls back to clone on ENOSYS. */
        { SCMP_SYS(clone), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER },
        /* Changes what /proc/PID/exe names, by which sshd's own processes are known. The kernel looks at the low half alone. */
        { SCMP_SYS(prctl), SCMP_ACT_ERRNO(EPERM), 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, PR_SET_MM },
};

int filter_rules_build(uint32_t arch, char **ret_program, size_t *ret_size)
{
        return bpf_build(arch, rules, sizeof(rules) / sizeof(rules[0]), ret_program, ret_size);
}
