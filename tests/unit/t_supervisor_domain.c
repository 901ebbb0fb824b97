/* supervisor/domain.c: what is allowed at once, and what is left to the module. */
#include "pam_diag/supervisor/domain.h"

#include <grp.h>

#include "pam_diag/base/mem.h"
#include "tests/unit/t_confine_landlock.h"
#include "tests/unit/t_policy_fixture.h"

enum { NOBODY = 65534, MOST = 16 };

static struct session session;
static char *masked[MOST];
static char *reads[MOST];

static void add(char **list, const char *path)
{
        size_t n = strv_length(list);

        ck_assert_uint_lt(n + 1, MOST);
        list[n] = strdup(path);
        ck_assert_ptr_nonnull(list[n]);
}

static void copy_program(const char *to)
{
        int from = open("/bin/true", O_RDONLY | O_CLOEXEC);
        cleanup_free char *data = NULL;
        cleanup_fd int copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
        size_t length;

        ck_assert_int_eq(fd_read_all(from, 1024 * 1024, &data, &length), 0);
        ck_assert_int_eq(fd_write_all(copy, data, length), 0);
        fd_close(from);
}

static void set_up(void)
{
        char text[1024];

        /* Not in /tmp: nobody's program may lie where everybody can write. */
        fixture_begin();
        strcpy(home, fixture_dir);
        make_directory(at_home("a"));
        make_file(at_home("a/file"), "in a", 0644);
        make_directory(at_home("b"));
        make_file(at_home("b/file"), "in b", 0644);
        make_file(at_home("c"), "is c", 0644);
        copy_program(at_home("a/true"));
        copy_program(at_home("b/true"));
        (void)snprintf(text, sizeof(text),
                       "[paths]\nlist = /\n[command one]\nprogram = %s/a/true\nsummary = x\nreads = %s/c\n"
                       "[command two]\nprogram = %s/b/true\nsummary = x\n",
                       home, home, home);
        session = (struct session){ .policy = fixture_policy(text), .masked = masked, .reads = reads };
}

static void empty(char **list)
{
        for (size_t i = 0; i < MOST; i++) {
                free(list[i]);
                list[i] = NULL;
        }
}

static void tear_down(void)
{
        policy_free(session.policy);
        empty(masked);
        empty(reads);
        fixture_end();
}

static void must_begin(struct domain *ret_domain)
{
        const char *path = NULL;

        ck_assert_int_eq(domain_begin(&session, ret_domain, &path), 0);
        ck_assert_ptr_null(path);
}

static void must_be(char *const *list, char *const *expected)
{
        ck_assert_uint_eq(strv_length(list), strv_length(expected));
        for (size_t i = 0; i < strv_length(expected); i++)
                ck_assert_str_eq(list[i], expected[i]);
}

static int execute(const char *name)
{
        pid_t pid = fork();

        if (pid == 0) {
                execl(at_home(name), "true", NULL);
                _exit(errno);
        }
        return wait_for(pid);
}

static int restrict_and_try(void *context)
{
        struct domain *domain = context;

        no_new_privs();
        ck_assert_int_eq(landlock_restrict(domain->landlock), 0);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("b/file"), O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("b"), O_RDONLY | O_DIRECTORY), 0);
        ck_assert_int_eq(execute("a/true"), 0);
        ck_assert_int_eq(execute("b/true"), EACCES);
        return 0;
}

START_TEST(trees_and_programs_are_allowed_but_what_is_masked)
{
        cleanup_domain struct domain domain = { 0 };

        if (!has_landlock("trees_and_programs_are_allowed_but_what_is_masked"))
                return;
        add(reads, at_home("a"));
        add(reads, "/usr");
        add(reads, "/lib");
        add(reads, "/lib64");
        add(reads, "/etc");
        add(masked, at_home("b"));
        must_begin(&domain);
        ck_assert_ptr_null(domain.reads);
        ck_assert_ptr_null(domain.lists);
        ck_assert_int_eq(in_child(restrict_and_try, &domain), 0);
}
END_TEST

START_TEST(what_is_other_there_is_left)
{
        cleanup_domain struct domain domain = { 0 };
        char *left[MOST] = { 0 };

        if (!has_landlock("what_is_other_there_is_left"))
                return;
        add(masked, at_home("b"));
        add(masked, at_home("x*/in"));
        add(left, at_home("b"));
        add(left, at_home("b/file"));
        add(left, at_home("x1/in/deep"));
        add(left, at_home("a*"));
        add(left, "/dev/shm");
        add(left, "/dev/shm/x");
        add(left, "/dev/pts/0");
        /* Of each process another one, or not there; and links into one of these. */
        add(left, "/proc/self/status");
        add(left, at_home("none"));
        ck_assert_int_eq(symlink("b/file", at_home("link")), 0);
        add(left, at_home("link"));
        ck_assert_int_eq(symlink("/proc/self", at_home("self")), 0);
        add(left, at_home("self"));
        for (size_t i = 0; left[i] != NULL; i++)
                add(reads, left[i]);
        /* Neighbours, and what is above. */
        make_directory(at_home("bb"));
        make_directory(at_home("x1"));
        make_directory(at_home("x1/inside"));
        add(reads, at_home("bb"));
        add(reads, at_home("x1/inside"));
        add(reads, "/dev");
        add(reads, "/proc");
        must_begin(&domain);
        must_be(domain.reads, left);
        empty(left);
}
END_TEST

static int begin_as_nobody(void *context)
{
        cleanup_domain struct domain domain = { 0 };

        (void)context;
        ck_assert(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
        must_begin(&domain);
        ck_assert_uint_eq(strv_length(domain.reads), 1);
        ck_assert_str_eq(domain.reads[0], at_home("closed/in"));
        return 0;
}

START_TEST(what_cannot_be_reached_is_left)
{
        if (!has_landlock("what_cannot_be_reached_is_left") || !is_root("what_cannot_be_reached_is_left"))
                return;
        make_directory(at_home("closed"));
        make_directory(at_home("closed/in"));
        ck_assert_int_eq(chmod(at_home("closed"), 0700), 0);
        add(reads, at_home("a"));
        add(reads, at_home("closed/in"));
        ck_assert_int_eq(in_child(begin_as_nobody, NULL), 0);
}
END_TEST

/* Every command's program is the policy's promise: one that cannot be allowed is named. */
static int refuse_as_nobody(void *context)
{
        cleanup_domain struct domain domain = { 0 };
        const char *path = NULL;

        (void)context;
        ck_assert(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
        ck_assert_int_eq(domain_begin(&session, &domain, &path), -EACCES);
        ck_assert_str_eq(path, at_home("a/true"));
        ck_assert_ptr_null(domain.landlock);
        return 0;
}

START_TEST(a_program_that_cannot_be_allowed_is_named)
{
        if (!has_landlock("a_program_that_cannot_be_allowed_is_named") ||
            !is_root("a_program_that_cannot_be_allowed_is_named"))
                return;
        ck_assert_int_eq(chmod(at_home("a"), 0700), 0);
        ck_assert_int_eq(in_child(refuse_as_nobody, NULL), 0);
}
END_TEST

TEST_MAIN("supervisor/domain", set_up, tear_down, trees_and_programs_are_allowed_but_what_is_masked,
          what_is_other_there_is_left, what_cannot_be_reached_is_left, a_program_that_cannot_be_allowed_is_named)
