/* A libseccomp filter as the program that the kernel takes.
 *
 * Linked by: make-filters, when this is built.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One call and what becomes of it; with `argument` below BPF_ANY only where the comparison holds. */
struct bpf_rule {
        int number; /* SCMP_SYS(…) */
        uint32_t action; /* SCMP_ACT_… */
        unsigned argument;
        int compare; /* enum scmp_compare */
        uint64_t first; /* what is compared with, or the mask */
        uint64_t second; /* what the masked argument is compared with */
};

enum { BPF_ANY = 6 }; /* a system call has six arguments */

/* A filter that allows what no rule names and kills the process for a call of another ABI. `arch`: SCMP_ARCH_NATIVE, or another one to look at
 * what would be built there. 0 and malloc'ed struct sock_filter[]; *ret_size in bytes. */
int bpf_build(uint32_t arch, const struct bpf_rule *rules, size_t count, char **ret_program, size_t *ret_size);

/* A filter that allows these calls (SCMP_SYS(…)) and kills the process for any other. */
int bpf_build_only(uint32_t arch, const int *calls, size_t count, char **ret_program, size_t *ret_size);
