#include "pam_diag/confine/bpf.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"

static void context_release(scmp_filter_ctx *context)
{
        if (*context != NULL)
                seccomp_release(*context);
}

static int set_arch(scmp_filter_ctx context, uint32_t arch)
{
        int r;

        if (arch == SCMP_ARCH_NATIVE || arch == seccomp_arch_native())
                return 0;
        r = seccomp_arch_add(context, arch);
        return r < 0 ? r : seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
}

static int add_rule(scmp_filter_ctx context, const struct bpf_rule *rule)
{
        if (rule->argument >= BPF_ANY)
                return seccomp_rule_add(context, rule->action, rule->number, 0);
        return seccomp_rule_add(
                context, rule->action, rule->number, 1,
                SCMP_CMP64(rule->argument, (enum scmp_compare)rule->compare, rule->first, rule->second));
}

/* libseccomp 2.5 writes a program into a file only. */
static int export(scmp_filter_ctx context, char **ret_program, size_t *ret_size)
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
        return fd_read_all(file, BPF_MAXINSNS * sizeof(struct sock_filter), ret_program, ret_size);
}

static int begin(uint32_t arch, uint32_t otherwise, scmp_filter_ctx *ret_context)
{
        __attribute__((cleanup(context_release))) scmp_filter_ctx context = seccomp_init(otherwise);
        int r = context == NULL ? -ENOMEM : set_arch(context, arch);

        if (r == 0)
                r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        /* A tree of the calls instead of a list: the kernel runs a program for every call there is when it takes it. */
        if (r == 0)
                r = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        if (r < 0)
                return r;
        *ret_context = take_ptr(&context);
        return 0;
}

int bpf_build(uint32_t arch, const struct bpf_rule *rules, size_t count, char **ret_program, size_t *ret_size)
{
        __attribute__((cleanup(context_release))) scmp_filter_ctx context = NULL;
        int r = begin(arch, SCMP_ACT_ALLOW, &context);

        for (size_t i = 0; r == 0 && i < count; i++)
                r = add_rule(context, &rules[i]);
        return r < 0 ? r : export(context, ret_program, ret_size);
}

int bpf_build_only(uint32_t arch, const int *calls, size_t count, char **ret_program, size_t *ret_size)
{
        __attribute__((cleanup(context_release))) scmp_filter_ctx context = NULL;
        int r = begin(arch, SCMP_ACT_KILL_PROCESS, &context);

        for (size_t i = 0; r == 0 && i < count; i++)
                r = seccomp_rule_add(context, SCMP_ACT_ALLOW, calls[i], 0);
        return r < 0 ? r : export(context, ret_program, ret_size);
}
