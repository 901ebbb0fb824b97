/* confine/made.h: the programs that are compiled in are those that libseccomp makes of the rules here and now. */
#include "tests/unit/t_help.h"

#include <seccomp.h>

#include "pam_diag/confine/filter_rules.h"
#include "pam_diag/confine/kaudit_rules.h"
#include "pam_diag/confine/made.h"
#include "pam_diag/confine/reader_rules.h"
#include "pam_diag/confine/stage_rules.h"

static void must_be_made_of(int (*build)(uint32_t arch, char **ret_program, size_t *ret_size), const char *made,
                            size_t size)
{
        cleanup_free char *program = NULL;
        size_t expected = 0;

        ck_assert_int_eq(build(SCMP_ARCH_NATIVE, &program, &expected), 0);
        ck_assert_uint_eq(size, expected);
        ck_assert_mem_eq(made, program, size);
}

START_TEST(each_is_made_of_its_rules)
{
        must_be_made_of(filter_rules_build, made_session, made_session_size);
        must_be_made_of(stage_rules_build, made_stage, made_stage_size);
        must_be_made_of(reader_rules_build, made_reader, made_reader_size);
        must_be_made_of(kaudit_rules_build, made_kaudit, made_kaudit_size);
}
END_TEST

START_TEST(another_architecture_has_another)
{
        cleanup_free char *program = NULL;
        size_t size = 0;
        uint32_t other = seccomp_arch_native() == SCMP_ARCH_X86_64 ? SCMP_ARCH_AARCH64 : SCMP_ARCH_X86_64;

        ck_assert_int_eq(reader_rules_build(other, &program, &size), 0);
        ck_assert(size != made_reader_size || memcmp(program, made_reader, size) != 0);
}
END_TEST

TEST_MAIN("confine/made", NULL, NULL, each_is_made_of_its_rules, another_architecture_has_another)
