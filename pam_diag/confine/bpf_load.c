#include "pam_diag/confine/bpf_load.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/mem.h"

int bpf_load(const char *program, size_t size, unsigned flags)
{
        size_t length = size / sizeof(struct sock_filter);
        cleanup_free struct sock_filter *instructions = NULL;
        struct sock_fprog filter = { .len = (unsigned short)length };
        long r;

        if (length == 0 || length > BPF_MAXINSNS || size % sizeof(struct sock_filter) != 0)
                return -EINVAL;
        instructions = malloc(size); /* aligned */
        if (instructions == NULL)
                return -ENOMEM;
        memcpy(instructions, program, size);
        filter.filter = instructions;
        r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
        return r < 0 ? -errno : (int)r;
}
