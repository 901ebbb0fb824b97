#include "pam_diag/confine/bpf_load.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int bpf_load(const char *program, size_t size, unsigned flags)
{
        struct sock_filter instructions[BPF_MAXINSNS];
        struct sock_fprog filter = { .len = (unsigned short)(size / sizeof(struct sock_filter)),
                                     .filter = instructions };
        long r;

        if (size == 0 || size > sizeof(instructions) || size % sizeof(struct sock_filter) != 0)
                return -EINVAL;
        memcpy(instructions, program, size);
        r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
        return r < 0 ? -errno : (int)r;
}
