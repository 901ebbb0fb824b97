/* The seccomp programs, as they are built for x86_64 and for aarch64, run by a small machine of our own: what each says of a call. */
#include "tests/unit/t_help.h"

#include <elf.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "pam_diag/confine/filter_rules.h"
#include "pam_diag/confine/kaudit_rules.h"
#include "pam_diag/confine/reader_rules.h"
#include "pam_diag/confine/stage_rules.h"

enum { X32 = 0x40000000 };

struct machine {
        const struct sock_filter *program;
        size_t length;
        uint32_t accumulator;
        uint32_t memory[BPF_MEMWORDS];
};

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
        uint32_t word;

        ck_assert_uint_le(offset, sizeof(*data) - sizeof(word));
        memcpy(&word, (const char *)data + offset, sizeof(word));
        return word;
}

static size_t jump(const struct machine *machine, const struct sock_filter *at)
{
        switch (BPF_OP(at->code)) {
        case BPF_JA:
                return at->k;
        case BPF_JEQ:
                return machine->accumulator == at->k ? at->jt : at->jf;
        case BPF_JGT:
                return machine->accumulator > at->k ? at->jt : at->jf;
        case BPF_JGE:
                return machine->accumulator >= at->k ? at->jt : at->jf;
        case BPF_JSET:
                return (machine->accumulator & at->k) != 0 ? at->jt : at->jf;
        default:
                ck_abort_msg("jump %#x", at->code);
        }
}

/* What classic BPF does with a call, as far as libseccomp writes it. */
static uint32_t run(struct machine *machine, const struct seccomp_data *data)
{
        for (size_t i = 0; i < machine->length; i++) {
                const struct sock_filter *at = &machine->program[i];

                switch (at->code) {
                case BPF_LD | BPF_W | BPF_ABS:
                        machine->accumulator = load(data, at->k);
                        break;
                case BPF_LD | BPF_MEM:
                        machine->accumulator = machine->memory[at->k];
                        break;
                case BPF_ST:
                        machine->memory[at->k] = machine->accumulator;
                        break;
                case BPF_ALU | BPF_AND | BPF_K:
                        machine->accumulator &= at->k;
                        break;
                case BPF_RET | BPF_K:
                        return at->k;
                default:
                        ck_assert_msg(BPF_CLASS(at->code) == BPF_JMP, "instruction %#x", at->code);
                        i += jump(machine, at);
                }
        }
        ck_abort_msg("the program does not end");
}

typedef int (*builder)(uint32_t arch, char **ret_program, size_t *ret_size);

struct call {
        const char *name;
        uint64_t arguments[6];
};

static uint32_t verdict(builder build, uint32_t built_for, uint32_t audit_arch, int number, const uint64_t *arguments)
{
        cleanup_free char *bytes = NULL;
        cleanup_free struct sock_filter *program = NULL;
        struct seccomp_data data = { .nr = number, .arch = audit_arch };
        struct machine machine = { 0 };
        size_t size = 0;

        ck_assert_int_eq(build(built_for, &bytes, &size), 0);
        program = malloc(size);
        ck_assert_ptr_nonnull(program);
        memcpy(program, bytes, size);
        machine.program = program;
        machine.length = size / sizeof(*program);
        for (size_t i = 0; arguments != NULL && i < 6; i++)
                data.args[i] = arguments[i];
        return run(&machine, &data);
}

static const struct arch {
        uint32_t seccomp;
        uint32_t audit;
        uint32_t foreign;
} arches[] = { { SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, AUDIT_ARCH_I386 },
               { SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM } };

static void must_be(builder build, const struct call *call, uint32_t expected)
{
        for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++) {
                int number = seccomp_syscall_resolve_name_arch(arches[i].seccomp, call->name);

                if (number < 0)
                        continue; /* that architecture does not have it */
                ck_assert_msg(verdict(build, arches[i].seccomp, arches[i].audit, number, call->arguments) == expected,
                              "%s on architecture %#x", call->name, arches[i].audit);
                /* The same number in a foreign ABI is another call, or the same one by a back door. */
                ck_assert_uint_eq(verdict(build, arches[i].seccomp, arches[i].foreign, number, call->arguments),
                                  SECCOMP_RET_KILL_PROCESS);
        }
}

static const uint32_t eperm = SECCOMP_RET_ERRNO | EPERM;

static const char *const session_asked[] = { "execve", "execveat", "socket", NULL };
static const char *const session_denied[] = { "io_uring_setup",    "io_uring_enter", "userfaultfd", "perf_event_open",
                                              "unshare",           "setns",          "mount",       "umount2",
                                              "pivot_root",        "open_tree",      "move_mount",  "fsopen",
                                              "fsmount",           "mount_setattr",  "ptrace",      "process_vm_readv",
                                              "process_vm_writev", "pidfd_getfd",    "bpf",         NULL };
static const char *const session_open[] = { "read",       "openat", "connect", "sendmsg", "fork",
                                            "exit_group", "keyctl", "setuid",  NULL };
static const struct call session_judged[] = { { "prlimit64", { 7 } },
                                              { "sched_setaffinity", { 7 } },
                                              { "setpriority", { 0, 7 } },
                                              { "ioprio_set", { 1, 7 } },
                                              { "socketpair", { AF_UNIX, SOCK_DGRAM } },
                                              { "socketpair", { AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC } },
                                              { "socketpair", { AF_UNIX, SOCK_RAW } },
                                              { "clone", { CLONE_NEWUSER | SIGCHLD } },
                                              { "prctl", { 35 /* PR_SET_MM */ } },
                                              { "prctl", { (UINT64_C(1) << 32) | 35 } } };
static const struct call session_fine[] = { { "prlimit64", { 0 } },
                                            { "setpriority", { 0, 0 } },
                                            { "socketpair", { AF_UNIX, SOCK_STREAM } },
                                            { "clone", { SIGCHLD } },
                                            { "prctl", { 38 } } };

START_TEST(the_session)
{
        for (size_t i = 0; session_asked[i] != NULL; i++)
                must_be(filter_rules_build, &(struct call){ .name = session_asked[i] }, SECCOMP_RET_USER_NOTIF);
        for (size_t i = 0; session_denied[i] != NULL; i++)
                must_be(filter_rules_build, &(struct call){ .name = session_denied[i] }, eperm);
        for (size_t i = 0; session_open[i] != NULL; i++)
                must_be(filter_rules_build, &(struct call){ .name = session_open[i] }, SECCOMP_RET_ALLOW);
        must_be(filter_rules_build, &(struct call){ .name = "clone3" }, SECCOMP_RET_ERRNO | ENOSYS);
        for (size_t i = 0; i < sizeof(session_judged) / sizeof(session_judged[0]); i++)
                must_be(filter_rules_build, &session_judged[i], eperm);
        for (size_t i = 0; i < sizeof(session_fine) / sizeof(session_fine[0]); i++)
                must_be(filter_rules_build, &session_fine[i], SECCOMP_RET_ALLOW);
}
END_TEST

static const char *const stage_denied[] = { "add_key",
                                            "request_key",
                                            "keyctl",
                                            "kexec_load",
                                            "init_module",
                                            "finit_module",
                                            "delete_module",
                                            "reboot",
                                            "swapon",
                                            "swapoff",
                                            "acct",
                                            "quotactl",
                                            "sethostname",
                                            "settimeofday",
                                            "clock_settime",
                                            "vhangup",
                                            "iopl",
                                            "chroot",
                                            "fspick",
                                            "open_by_handle_at",
                                            "fanotify_init",
                                            "kcmp",
                                            "listen",
                                            "process_madvise",
                                            "move_pages",
                                            "modify_ldt",
                                            NULL };

START_TEST(a_stage)
{
        static const char *const open[] = { "read",
                                            "openat",
                                            "mmap",
                                            "execve",
                                            "clock_gettime",
                                            "inotify_init1",
                                            "statx",
                                            "sched_yield",
                                            "getpriority",
                                            "name_to_handle_at",
                                            NULL };
        const struct call judged[] = { { "personality", { 0x0040000 } },
                                       { "personality", { 0 } },
                                       { "memfd_create", { 0, 0x11 } },
                                       { "syslog", { 5 } },
                                       { "syslog", { 8 } },
                                       { "ioctl", { 0, TIOCSTI } },
                                       { "ioctl", { 0, (UINT64_C(5) << 32) | TIOCSTI } },
                                       { "ioctl", { 0, TIOCLINUX } } };
        const struct call fine[] = { { "personality", { 0xffffffff } },
                                     { "memfd_create", { 0, 1 } },
                                     { "syslog", { 3 } },
                                     { "syslog", { 10 } },
                                     { "ioctl", { 0, TIOCGWINSZ } } };

        for (size_t i = 0; stage_denied[i] != NULL; i++)
                must_be(stage_rules_build, &(struct call){ .name = stage_denied[i] }, eperm);
        for (size_t i = 0; open[i] != NULL; i++)
                must_be(stage_rules_build, &(struct call){ .name = open[i] }, SECCOMP_RET_ALLOW);
        for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i++)
                must_be(stage_rules_build, &judged[i], eperm);
        for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
                must_be(stage_rules_build, &fine[i], SECCOMP_RET_ALLOW);
}
END_TEST

/* The supervisor's two processes: what is not on the list kills. */
static void must_be_only(builder build, const char *const *calls)
{
        static const char *const others[] = {
                "openat", "execve", "socket", "connect", "clone", "ptrace", "kill", NULL
        };

        for (size_t i = 0; calls[i] != NULL; i++)
                must_be(build, &(struct call){ .name = calls[i] }, SECCOMP_RET_ALLOW);
        for (size_t i = 0; others[i] != NULL; i++)
                must_be(build, &(struct call){ .name = others[i] }, SECCOMP_RET_KILL_PROCESS);
}

START_TEST(the_supervisors_processes)
{
        static const char *const reader[] = { "read", "write", "process_vm_readv", "readlink", "exit_group", NULL };
        static const char *const kaudit[] = { "recvfrom", "sendto", "ppoll", "capset", "exit_group", NULL };

        must_be_only(reader_rules_build, reader);
        must_be_only(kaudit_rules_build, kaudit);
}
END_TEST

/* x32 has the architecture of x86_64 and numbers of its own. */
START_TEST(x32_is_foreign)
{
        int execve_x32 = X32 | 520;

        ck_assert_uint_eq(verdict(filter_rules_build, SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, execve_x32, NULL),
                          SECCOMP_RET_KILL_PROCESS);
        ck_assert_uint_eq(verdict(stage_rules_build, SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, X32, NULL),
                          SECCOMP_RET_KILL_PROCESS);
}
END_TEST

TEST_MAIN("confine/bpf", NULL, NULL, the_session, a_stage, the_supervisors_processes, x32_is_foreign)
