#include "pam_diag/policy/program.h"

#include <elf.h>

#include "tests/unit/t_policy_fixture.h"

static bool listed(const struct policy *policy, const char *path)
{
        for (char *const *program = policy_programs(policy); *program != NULL; program++)
                if (strcmp(*program, path) == 0)
                        return true;
        return false;
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
        cleanup_free char *data = NULL;
        size_t length = 0;
        cleanup_fd int fd = open(fixture_path(to), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fd_read_file(from, 64 << 20, &data, &length), 0);
        ck_assert_int_eq(fd_write_all(fd, data, length), 0);
        ck_assert_int_eq(fchmod(fd, mode), 0);
}

/* A policy with one command `tool`, looked for in the fixture's bin. */
static struct policy *load_tool(const char *extra)
{
        char text[1000];

        ck_assert_int_lt(snprintf(text, sizeof(text),
                                  "[session]\nsearch-path = /run/none:%s\n[command tool]\nsummary = x\n%s",
                                  fixture_path("bin"), extra),
                         (int)sizeof(text));
        return fixture_policy(text);
}

START_TEST(finds_the_program_and_its_loader)
{
        struct policy *policy;
        struct decision *decision;

        fixture_mkdir("bin");
        copy_file("/bin/true", "bin/real", 0755);
        ck_assert_int_eq(symlink("real", fixture_path("bin/tool")), 0);
        policy = load_tool("");
        ck_assert_ptr_null(policy_command_problem(policy, 0));
        ck_assert(listed(policy, fixture_path("bin/real")));
        ck_assert(!listed(policy, fixture_path("bin/tool")));
        decision = fixture_decide(policy, "tool");
        ck_assert_int_eq(decision->verdict, VERDICT_ALLOW);
        ck_assert_str_eq(decision->stages[0].program, fixture_path("bin/real"));
        ck_assert_ptr_nonnull(decision->stages[0].loader);
        ck_assert(listed(policy, decision->stages[0].loader));
        ck_assert_str_eq(decision->stages[0].argv[0], "tool");
        decision_free(decision);
        fixture_allow(policy, fixture_path("bin/tool"), "tool");
        fixture_deny(policy, fixture_path("bin/real"), CODE_COMMAND, "has no rule");
        fixture_deny(policy, "/run/none/tool", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "./tool", CODE_COMMAND, "has no rule");
        fixture_deny(policy, "bin/../tool", CODE_COMMAND, "has no rule");
        policy_free(policy);
}
END_TEST

static void problem(const char *expected)
{
        struct policy *policy = load_tool("");
        const char *found = policy_command_problem(policy, 0);

        ck_assert_msg(found != NULL && strstr(found, expected) != NULL, "%s", found);
        fixture_deny(policy, "tool", CODE_COMMAND, expected);
        ck_assert_ptr_null(policy_programs(policy)[0]);
        policy_free(policy);
}

START_TEST(what_cannot_run_says_why)
{
        problem("is not installed here");
        fixture_mkdir("bin");
        problem("is not installed here");
        fixture_write("bin/tool", "#!/bin/sh\n");
        problem("is not executable");
        ck_assert_int_eq(chmod(fixture_path("bin/tool"), 0755), 0);
        problem("is a script");
        fixture_write("bin/tool", "MZ");
        problem("is not an ELF program");
        ck_assert_int_eq(unlink(fixture_path("bin/tool")), 0);
        copy_file("/bin/true", "bin/tool", 0775);
        problem("is group-writable");
        ck_assert_int_eq(chmod(fixture_path("bin/tool"), 0755), 0);
        ck_assert_int_eq(chown(fixture_path("bin/tool"), 65534, 0), 0);
        problem("does not belong to root");
        ck_assert_int_eq(rename(fixture_path("bin/tool"), "/run/pam_diag-test-moved"), 0);
        ck_assert_int_eq(chown("/run/pam_diag-test-moved", 0, 0), 0);
        ck_assert_int_eq(rename("/run/pam_diag-test-moved", fixture_path("bin/busybox")), 0);
        ck_assert_int_eq(symlink("busybox", fixture_path("bin/tool")), 0);
        problem("is busybox");
}
END_TEST

START_TEST(helpers_are_listed)
{
        struct policy *policy;
        struct decision *decision;
        char extra[600];

        fixture_mkdir("bin");
        copy_file("/bin/true", "bin/tool", 0755);
        copy_file("/bin/true", "bin/helper", 0755);
        ck_assert_int_lt(snprintf(extra, sizeof(extra), "helpers = %s /run/none/helper\n", fixture_path("bin/helper")),
                         (int)sizeof(extra));
        policy = load_tool(extra);
        ck_assert(listed(policy, fixture_path("bin/helper")));
        ck_assert(!listed(policy, "/run/none/helper"));
        decision = fixture_decide(policy, "tool");
        ck_assert_str_eq(decision->stages[0].helpers[0], fixture_path("bin/helper"));
        decision_free(decision);
        policy_free(policy);
}
END_TEST

/* --- ELF headers ---------------------------------------------------------------------------------------------------- */

struct image {
        Elf64_Ehdr header;
        Elf64_Phdr segments[2];
        char interpreter[32];
};

static struct image good_image(void)
{
        struct image image = { 0 };

        memcpy(image.header.e_ident, ELFMAG, SELFMAG);
        image.header.e_ident[EI_CLASS] = ELFCLASS64;
        image.header.e_ident[EI_DATA] = ELFDATA2LSB;
        image.header.e_type = ET_DYN;
        image.header.e_machine = EM_X86_64;
        image.header.e_phoff = offsetof(struct image, segments);
        image.header.e_phentsize = sizeof(Elf64_Phdr);
        image.header.e_phnum = 2;
        image.segments[0].p_type = PT_LOAD;
        image.segments[1].p_type = PT_INTERP;
        image.segments[1].p_offset = offsetof(struct image, interpreter);
        image.segments[1].p_filesz = sizeof("/lib/ld.so");
        strcpy(image.interpreter, "/lib/ld.so");
        return image;
}

static int loader_of(const struct image *image, char **ret_loader)
{
        cleanup_buf struct buf why = BUF_INIT(256);
        cleanup_fd int fd = open(fixture_path("image"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int r;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fd_write_all(fd, image, sizeof(*image)), 0);
        r = elf_loader(fd, ret_loader, &why);
        ck_assert_int_eq(why.length > 0, r != 0);
        return r;
}

START_TEST(reads_the_interpreter)
{
        struct image image = good_image();
        char *loader = NULL;

        ck_assert_int_eq(loader_of(&image, &loader), 0);
        ck_assert_str_eq(loader, "/lib/ld.so");
        free(loader);
        image.header.e_machine = EM_AARCH64;
        ck_assert_int_eq(loader_of(&image, &loader), 0);
        free(loader);
        image.segments[1].p_type = PT_NOTE;
        ck_assert_int_eq(loader_of(&image, &loader), 0);
        ck_assert_ptr_null(loader);
}
END_TEST

#define BAD_IMAGE(change)                                              \
        do {                                                           \
                struct image image = good_image();                     \
                char *loader = NULL;                                   \
                                                                       \
                change;                                                \
                ck_assert_int_eq(loader_of(&image, &loader), -EINVAL); \
                ck_assert_ptr_null(loader);                            \
        } while (0)

START_TEST(believes_no_size)
{
        BAD_IMAGE(image.header.e_ident[EI_CLASS] = ELFCLASS32);
        BAD_IMAGE(image.header.e_ident[EI_DATA] = ELFDATA2MSB);
        BAD_IMAGE(image.header.e_machine = EM_386);
        BAD_IMAGE(image.header.e_type = ET_CORE);
        BAD_IMAGE(image.header.e_phentsize = 1);
        BAD_IMAGE(image.header.e_phnum = 0xffff);
        BAD_IMAGE(image.header.e_phoff = UINT64_MAX);
        BAD_IMAGE(image.header.e_phoff = UINT64_MAX - 8);
        BAD_IMAGE(image.header.e_phoff = 1 << 20);
        BAD_IMAGE(image.segments[1].p_filesz = UINT64_MAX);
        BAD_IMAGE(image.segments[1].p_filesz = 1);
        BAD_IMAGE(image.segments[1].p_filesz = 5);
        BAD_IMAGE(image.segments[1].p_offset = UINT64_MAX - 4);
        BAD_IMAGE(image.interpreter[0] = 'x');
}
END_TEST

FIXTURE_MAIN_DIR("program", finds_the_program_and_its_loader, what_cannot_run_says_why, helpers_are_listed,
                 reads_the_interpreter, believes_no_size)
