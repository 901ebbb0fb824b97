/* The one table of them. Nothing here does lasting harm where nothing holds: each call is made by a process of its own, as a user without
 * privilege (calls_try sees to both), and what it could make or change ends with that process. */
#include "pam_diag/probe/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/probe/try.h"

static char memory[4096];
static char nothing[] = "probe-nothing";
static char root[] = "/";
static char proc[] = "proc";
static char key_type[] = "user";

/* An address among the arguments. */
#define AT(pointer) ((intptr_t)(pointer))

/* KEY_SPEC_PROCESS_KEYRING: a key that is made in spite of all goes with its process. */
enum { OWN_KEYRING = -2 };

struct call {
        const char *name;
        long number;
        long arguments[6];
        int expected;
};

static const struct call calls[] = {
        /* Namespaces and mounts */
        { "unshare user", SYS_unshare, { CLONE_NEWUSER }, EPERM },
        { "unshare mounts", SYS_unshare, { CLONE_NEWNS }, EPERM },
        { "unshare pids", SYS_unshare, { CLONE_NEWPID }, EPERM },
        { "unshare network", SYS_unshare, { CLONE_NEWNET }, EPERM },
        { "setns", SYS_setns, { 0, 0 }, EPERM },
        { "clone3", SYS_clone3, { 0, 0 }, ENOSYS },
        { "mount", SYS_mount, { AT(proc), AT(root), AT(proc), MS_RDONLY }, EPERM },
        { "remount", SYS_mount, { 0, AT(root), 0, MS_REMOUNT | MS_BIND }, EPERM },
        { "umount", SYS_umount2, { AT(root), MNT_DETACH }, EPERM },
        { "pivot_root", SYS_pivot_root, { AT(root), AT(root) }, EPERM },
        { "chroot", SYS_chroot, { AT(root) }, EPERM },
        { "open_tree", SYS_open_tree, { AT_FDCWD, AT(root), 1 }, EPERM },
        { "move_mount", SYS_move_mount, { -1, AT(memory), AT_FDCWD, AT(root), 4 }, EPERM },
        { "fsopen", SYS_fsopen, { AT(proc), 0 }, EPERM },
        { "fspick", SYS_fspick, { AT_FDCWD, AT(root), 0 }, EPERM },
        { "fsmount", SYS_fsmount, { -1, 0, 0 }, EPERM },
        { "mount_setattr", SYS_mount_setattr, { AT_FDCWD, AT(root), 0, 0, 0 }, EPERM },
        /* Other processes */
        { "ptrace", SYS_ptrace, { 16, 1 }, EPERM },
        { "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 }, EPERM },
        { "process_vm_writev", SYS_process_vm_writev, { 1, 0, 0, 0, 0, 0 }, EPERM },
        { "pidfd_getfd", SYS_pidfd_getfd, { 0, 0, 0 }, EPERM },
        { "kcmp", SYS_kcmp, { 1, 1, 0 }, EPERM },
        { "process_madvise", SYS_process_madvise, { -1, 0, 0, 0, 0 }, EPERM },
        { "move_pages", SYS_move_pages, { 1, 0, 0, 0, 0, 0 }, EPERM },
        { "migrate_pages", SYS_migrate_pages, { 1, 0, 0, 0 }, EPERM },
        { "prlimit of init", SYS_prlimit64, { 1, 7, 0, 0 }, EPERM },
        { "sched_setaffinity of init", SYS_sched_setaffinity, { 1, 8, AT(memory) }, EPERM },
        { "sched_setscheduler of init", SYS_sched_setscheduler, { 1, 0, AT(memory) }, EPERM },
        { "setpriority of init", SYS_setpriority, { 0, 1, 19 }, EPERM },
        { "ioprio_set of init", SYS_ioprio_set, { 1, 1, 0 }, EPERM },
        /* Doors into the kernel */
        { "bpf", SYS_bpf, { 0, AT(memory), 16 }, EPERM },
        { "perf_event_open", SYS_perf_event_open, { AT(memory), 0, -1, -1, 0 }, EPERM },
        { "userfaultfd", SYS_userfaultfd, { O_CLOEXEC }, EPERM },
        { "io_uring_setup", SYS_io_uring_setup, { 1, AT(memory) }, EPERM },
        { "io_uring_enter", SYS_io_uring_enter, { -1, 0, 0, 0, 0, 0 }, EPERM },
        { "io_uring_register", SYS_io_uring_register, { -1, 0, 0, 0 }, EPERM },
        { "fanotify_init", SYS_fanotify_init, { 0, 0 }, EPERM },
        { "open_by_handle_at", SYS_open_by_handle_at, { AT_FDCWD, AT(memory), 0 }, EPERM },
        { "init_module", SYS_init_module, { AT(memory), 1, AT(memory) }, EPERM },
        { "finit_module", SYS_finit_module, { -1, AT(memory), 0 }, EPERM },
        { "delete_module", SYS_delete_module, { AT(nothing), O_NONBLOCK }, EPERM },
        { "kexec_load", SYS_kexec_load, { 0, 0, 0, 0 }, EPERM },
        { "listen", SYS_listen, { -1, 1 }, EPERM },
        { "personality", SYS_personality, { 0x0040000 }, EPERM },
        { "memfd_create to execute", SYS_memfd_create, { AT(nothing), 0x10 }, EPERM },
        { "PR_SET_MM", SYS_prctl, { 35, 1, 0, 0, 0 }, EPERM },
        { "TIOCSTI", SYS_ioctl, { 0, TIOCSTI, AT(memory) }, EPERM },
        { "TIOCLINUX", SYS_ioctl, { 0, TIOCLINUX, AT(memory) }, EPERM },
        /* Keyrings */
        { "add_key", SYS_add_key, { AT(key_type), AT(nothing), AT(memory), 1, OWN_KEYRING }, EPERM },
        { "request_key", SYS_request_key, { AT(key_type), AT(nothing), 0, OWN_KEYRING }, EPERM },
        { "keyctl", SYS_keyctl, { 0, OWN_KEYRING, 1 }, EPERM },
        /* The machine */
        { "reboot", SYS_reboot, { 0, 0, 0, 0 }, EPERM },
        { "swapon", SYS_swapon, { AT(nothing), 0 }, EPERM },
        { "swapoff", SYS_swapoff, { AT(nothing) }, EPERM },
        { "acct", SYS_acct, { AT(nothing) }, EPERM },
        { "quotactl", SYS_quotactl, { 0, 0, 0, 0 }, EPERM },
        { "sethostname", SYS_sethostname, { AT(nothing), 13 }, EPERM },
        { "setdomainname", SYS_setdomainname, { AT(nothing), 13 }, EPERM },
        { "settimeofday", SYS_settimeofday, { 0, 0 }, EPERM },
        { "clock_settime", SYS_clock_settime, { 0, AT(memory) }, EPERM },
        { "vhangup", SYS_vhangup, { 0 }, EPERM },
        { "syslog clear", SYS_syslog, { 5, 0, 0 }, EPERM },
        { "syslog console", SYS_syslog, { 6, 0, 0 }, EPERM },
        /* Sockets: of no family without a grant */
        { "socket unix", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, EACCES },
        { "socket unix datagram", SYS_socket, { AF_UNIX, SOCK_DGRAM, 0 }, EACCES },
        { "socket inet", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, EACCES },
        { "socket inet6", SYS_socket, { AF_INET6, SOCK_DGRAM, 0 }, EACCES },
        { "socket mptcp", SYS_socket, { AF_INET, SOCK_STREAM, 262 }, EACCES },
        { "socket raw", SYS_socket, { AF_INET, SOCK_RAW, 1 }, EACCES },
        { "socket packet", SYS_socket, { AF_PACKET, SOCK_RAW, 0 }, EACCES },
        { "socket netlink", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 }, EPROTONOSUPPORT },
        { "socket alg", SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 }, EACCES },
        { "socket vsock", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 }, EACCES },
        { "socket bluetooth", SYS_socket, { AF_BLUETOOTH, SOCK_RAW, 0 }, EACCES },
        { "socket can", SYS_socket, { AF_CAN, SOCK_RAW, 1 }, EACCES },
        { "socketpair datagram", SYS_socketpair, { AF_UNIX, SOCK_DGRAM, 0, AT(memory) }, EPERM },
        /* Gaining rights */
        { "setuid", SYS_setuid, { 0 }, EPERM },
        { "setgid", SYS_setgid, { 0 }, EPERM },
        { "setgroups", SYS_setgroups, { 0, 0 }, EPERM },
};

static bool is_socket(const struct call *call)
{
        return call->number == SYS_socket || call->number == SYS_socketpair;
}

static int make_call(const void *context)
{
        const struct call *call = context;
        const long *a = call->arguments;

        return syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? -errno : 0;
}

int calls_try(enum calls_part part, calls_wrong *wrong, void *context, unsigned *ret_made)
{
        unsigned made = 0;
        int r = try_harmless();

        for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++) {
                const struct call *one = &calls[i];
                int got;

                if ((part == CALLS_SOCKETS && !is_socket(one)) || (part == CALLS_OTHERS && is_socket(one)))
                        continue;
                made++;
                r = try_apart(make_call, one, &got);
                if (r == 0 && got != -one->expected)
                        wrong(context, one->name, got, one->expected);
        }
        *ret_made = made;
        return r;
}

/* A call of another ABI must not come back: x32 is the number with bit 30, i386 comes by its own interrupt. */

int calls_x32(const void *context)
{
        (void)context;
#if defined(__x86_64__)
        (void)syscall(0x40000000L | SYS_getpid);
#endif
        return 0;
}

int calls_i386(const void *context)
{
        (void)context;
#if defined(__x86_64__)
        long call = 20; /* getpid */

        __asm__ volatile("int $0x80" : "+a"(call) : : "memory", "r8", "r9", "r10", "r11");
#endif
        return 0;
}
