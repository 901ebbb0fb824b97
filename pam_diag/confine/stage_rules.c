#include "pam_diag/confine/stage_rules.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/personality.h>

#include "pam_diag/confine/bpf.h"

#define DENY(call)                                                      \
        {                                                               \
                SCMP_SYS(call), SCMP_ACT_ERRNO(EPERM), BPF_ANY, 0, 0, 0 \
        }
#define DENY_IF(call, argument, compare, first, second)                                                  \
        {                                                                                                \
                SCMP_SYS(call), SCMP_ACT_ERRNO(EPERM), (argument), SCMP_CMP_##compare, (first), (second) \
        }

/* linux/memfd.h of 6.3; older kernels refuse the unknown flag themselves. */
enum { MEMFD_EXEC = 0x10 };

/* syslog(2): what dmesg and journalctl ask is READ_ALL (3) and SIZE_BUFFER (10). */
enum {
        SYSLOG_READ = 2,
        SYSLOG_READ_CLEAR = 4,
        SYSLOG_CLEAR = 5,
        SYSLOG_CONSOLE_OFF = 6,
        SYSLOG_CONSOLE_ON = 7,
        SYSLOG_CONSOLE_LEVEL = 8
};

static const struct bpf_rule rules[] = {
        /* A user's keyrings are shared by all of its sessions, and outlive them. */
        DENY(add_key),
        DENY(request_key),
        DENY(keyctl),
        /* The machine itself. */
        DENY(kexec_load),
        DENY(kexec_file_load),
        DENY(init_module),
        DENY(finit_module),
        DENY(delete_module),
        DENY(reboot),
        DENY(swapon),
        DENY(swapoff),
        DENY(acct),
        DENY(quotactl),
        DENY(quotactl_fd),
        DENY(sethostname),
        DENY(setdomainname),
        DENY(settimeofday),
        DENY(clock_settime),
        DENY(vhangup),
        DENY(iopl),
        DENY(ioperm),
        DENY(chroot),
        DENY(fspick),
        DENY(fsconfig),
        DENY_IF(syslog, 0, EQ, SYSLOG_READ, 0),
        DENY_IF(syslog, 0, EQ, SYSLOG_READ_CLEAR, 0),
        DENY_IF(syslog, 0, EQ, SYSLOG_CLEAR, 0),
        DENY_IF(syslog, 0, EQ, SYSLOG_CONSOLE_OFF, 0),
        DENY_IF(syslog, 0, EQ, SYSLOG_CONSOLE_ON, 0),
        DENY_IF(syslog, 0, EQ, SYSLOG_CONSOLE_LEVEL, 0),
        /* Files by handle pass every directory on the way by; a watch of a whole filesystem sees what others open. */
        DENY(open_by_handle_at),
        DENY(fanotify_init),
        DENY(lookup_dcookie),
        /* Other processes' memory. */
        DENY(kcmp),
        DENY(process_madvise),
        DENY(process_mrelease),
        DENY(migrate_pages),
        DENY(move_pages),
        /* Another personality switches address randomisation off and zero pages on; asking for the present one (0xffffffff) is fine. */
        DENY_IF(personality, 0, NE, UINT32_MAX, 0),
        DENY(modify_ldt),
        /* No command is a server. Landlock looks at bind(2) alone: a TCP socket that listens unbound gets a port from the kernel, and an abstract
         * unix socket can be reached from everywhere on the host. */
        DENY(listen),
        /* A file in memory that is meant to be executed. */
        DENY_IF(memfd_create, 1, MASKED_EQ, MEMFD_EXEC, MEMFD_EXEC),
        /* Typing for somebody else, or taking the console's output. A command has no terminal; this is for one that was handed in. The
         * kernel looks at the low half alone. */
        DENY_IF(ioctl, 1, MASKED_EQ, UINT32_MAX, TIOCSTI),
        DENY_IF(ioctl, 1, MASKED_EQ, UINT32_MAX, TIOCLINUX),
        DENY_IF(ioctl, 1, MASKED_EQ, UINT32_MAX, TIOCCONS),
        DENY_IF(ioctl, 1, MASKED_EQ, UINT32_MAX, TIOCSETD),
};

int stage_rules_build(uint32_t arch, char **ret_program, size_t *ret_size)
{
        return bpf_build(arch, rules, sizeof(rules) / sizeof(rules[0]), ret_program, ret_size);
}
