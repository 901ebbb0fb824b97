#include "pam_diag/confine/reader_rules.h"

#include <seccomp.h>

#include "pam_diag/confine/bpf.h"

static const int calls[] = {
        SCMP_SYS(read),       SCMP_SYS(write),        SCMP_SYS(process_vm_readv), SCMP_SYS(readlink),
        SCMP_SYS(readlinkat), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit_group),
};

int reader_rules_build(uint32_t arch, char **ret_program, size_t *ret_size)
{
        return bpf_build_only(arch, calls, sizeof(calls) / sizeof(calls[0]), ret_program, ret_size);
}
