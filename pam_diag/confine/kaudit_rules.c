#include "pam_diag/confine/kaudit_rules.h"

#include <seccomp.h>

#include "pam_diag/confine/bpf.h"

static const int calls[] = {
        SCMP_SYS(recvfrom),     SCMP_SYS(sendto),     SCMP_SYS(poll),       SCMP_SYS(ppoll),           SCMP_SYS(select),
        SCMP_SYS(pselect6),     SCMP_SYS(getpid),     SCMP_SYS(getuid),     SCMP_SYS(capset),          SCMP_SYS(capget),
        SCMP_SYS(readlink),     SCMP_SYS(readlinkat), SCMP_SYS(nanosleep),  SCMP_SYS(clock_nanosleep), SCMP_SYS(brk),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(prctl),      SCMP_SYS(exit_group),
};

int kaudit_rules_build(uint32_t arch, char **ret_program, size_t *ret_size)
{
        return bpf_build_only(arch, calls, sizeof(calls) / sizeof(calls[0]), ret_program, ret_size);
}
