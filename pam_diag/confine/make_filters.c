/* make-filters PROGRAM ARCHITECTURE: one of the seccomp programs as C source on stdout.
 *
 * Runs as  whoever builds, on the machine that builds.
 * Trusts   nothing but its two arguments.
 * Never    is installed, or run by a process of ours.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/filter_rules.h"
#include "pam_diag/confine/kaudit_rules.h"
#include "pam_diag/confine/reader_rules.h"
#include "pam_diag/confine/stage_rules.h"

static const struct {
        const char *name;
        int (*build)(uint32_t arch, char **ret_program, size_t *ret_size);
} programs[] = {
        { "session", filter_rules_build },
        { "stage", stage_rules_build },
        { "reader", reader_rules_build },
        { "kaudit", kaudit_rules_build },
};

static void print(const char *name, const char *program, size_t size)
{
        printf("#include \"pam_diag/confine/made.h\"\n\nconst char made_%s[] =", name);
        for (size_t i = 0; i < size; i++)
                printf("%s\\%03o%s", i % 16 == 0 ? "\n\t\"" : "", (unsigned)(unsigned char)program[i],
                       i % 16 == 15 || i + 1 == size ? "\"" : "");
        printf(";\nconst size_t made_%s_size = sizeof(made_%s) - 1;\n", name, name);
}

static int make(const char *name, const char *architecture)
{
        uint32_t arch = seccomp_arch_resolve_name(architecture);

        if (arch == 0) {
                (void)fprintf(stderr, "make-filters: %s: libseccomp knows no such architecture\n", architecture);
                return 1;
        }
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
                cleanup_free char *program = NULL;
                size_t size = 0;
                int r;

                if (strcmp(programs[i].name, name) != 0)
                        continue;
                r = programs[i].build(arch, &program, &size);
                if (r < 0) {
                        (void)fprintf(stderr, "make-filters: %s: %s\n", name, strerror(-r));
                        return 1;
                }
                print(name, program, size);
                return fflush(stdout) == 0 ? 0 : 1;
        }
        (void)fprintf(stderr, "make-filters: no program is called %s\n", name);
        return 2;
}

int main(int argc, char **argv)
{
        if (argc != 3) {
                (void)fprintf(stderr, "usage: make-filters session|stage|reader|kaudit ARCHITECTURE\n");
                return 2;
        }
        return make(argv[1], argv[2]);
}
