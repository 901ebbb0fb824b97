/* confine/landlock.c, with the running kernel's Landlock. */
#include "tests/unit/t_confine_landlock.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

START_TEST(each_abi_lacks_what_it_lacks)
{
        const unsigned all = LANDLOCK_LACKS_TRUNCATE | LANDLOCK_LACKS_NET | LANDLOCK_LACKS_IOCTL | LANDLOCK_LACKS_SCOPE;
        const unsigned lacks[] = {
                [1] = all,
                [2] = all,
                [3] = LANDLOCK_LACKS_NET | LANDLOCK_LACKS_IOCTL | LANDLOCK_LACKS_SCOPE,
                [4] = LANDLOCK_LACKS_IOCTL | LANDLOCK_LACKS_SCOPE,
                [5] = LANDLOCK_LACKS_SCOPE,
                [6] = 0,
                [7] = 0,
        };

        for (int abi = 1; abi <= 7; abi++)
                ck_assert_msg(landlock_lacks(abi) == lacks[abi], "ABI %d", abi);
        ck_assert_uint_eq(landlock_lacks(100), 0);
}
END_TEST

static int read_one_tree(void *context)
{
        struct landlock *domain = must_make();

        (void)context;
        must_allow(domain, at_home("a"), LANDLOCK_READ);
        must_allow(domain, at_home("c"), LANDLOCK_READ);
        must_restrict(domain);
        ck_assert_int_eq(try_open(at_home("a"), O_RDONLY | O_DIRECTORY), 0);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("b"), O_RDONLY | O_DIRECTORY), -EACCES);
        ck_assert_int_eq(try_open(at_home("b/file"), O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("a/../b/file"), O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open(home, O_RDONLY | O_DIRECTORY), -EACCES);
        ck_assert_int_eq(try_open("/etc/passwd", O_RDONLY), -EACCES);
        /* Reading is not writing. */
        ck_assert_int_eq(try_open(at_home("a/file"), O_WRONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDWR), -EACCES);
        ck_assert_int_eq(try_open(at_home("c"), O_WRONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("a/new"), O_WRONLY | O_CREAT), -EACCES);
        ck_assert(mkdir(at_home("a/new"), 0755) < 0 && errno == EACCES);
        ck_assert(unlink(at_home("a/file")) < 0 && errno == EACCES);
        ck_assert(symlink("x", at_home("a/link")) < 0 && errno == EACCES);
        if ((landlock_lacks(landlock_abi()) & LANDLOCK_LACKS_TRUNCATE) == 0)
                ck_assert(truncate(at_home("a/file"), 0) < 0 && errno == EACCES);
        return 0;
}

CHILD_TEST(only_the_allowed_tree_is_read, read_one_tree)

/* An empty domain denies everything; without it the same calls succeed, so that the other tests mean something. */
static int read_nothing(void *context)
{
        struct landlock *domain = must_make();

        (void)context;
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDWR), 0);
        ck_assert_int_eq(try_open(at_home("a/new"), O_WRONLY | O_CREAT), 0);
        must_restrict(domain);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open("/", O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open("/dev/null", O_RDWR), -EACCES);
        return 0;
}

CHILD_TEST(an_empty_domain_denies_all, read_nothing)

static int write_a_device(void *context)
{
        struct landlock *domain = must_make();

        (void)context;
        must_allow(domain, "/dev/null", LANDLOCK_WRITE);
        must_allow(domain, at_home("c"), LANDLOCK_TERMINAL);
        must_restrict(domain);
        ck_assert_int_eq(try_open("/dev/null", O_RDWR), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDWR | O_TRUNC), 0);
        ck_assert_int_eq(try_open("/dev/zero", O_RDWR), -EACCES);
        ck_assert_int_eq(try_open(at_home("a/file"), O_WRONLY), -EACCES);
        return 0;
}

CHILD_TEST(writing_is_allowed_by_file, write_a_device)

struct program {
        const char *path;
};

static int exec_it(void *context)
{
        const struct program *program = context;
        char name[] = "program";
        char *const argv[] = { name, NULL };
        char *const none[] = { NULL };

        execve(program->path, argv, none);
        return errno == EACCES ? 100 : 101;
}

/* The real programs with their real loader: reading a program does not allow to execute it. */
static int execute_one(void *context)
{
        static const char *const loaders[] = { "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1" };
        struct landlock *domain = must_make();

        (void)context;
        must_allow(domain, "/usr/bin/true", LANDLOCK_EXECUTE);
        for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++)
                ck_assert_int_eq(landlock_allow_existing(domain, loaders[i], LANDLOCK_EXECUTE), 0);
        must_allow(domain, "/usr", LANDLOCK_READ);
        must_allow(domain, "/etc", LANDLOCK_READ);
        must_restrict(domain);
        ck_assert_int_eq(in_child(exec_it, &(struct program){ "/usr/bin/true" }), 0);
        ck_assert_int_eq(in_child(exec_it, &(struct program){ "/usr/bin/false" }), 100);
        ck_assert_int_eq(try_open("/usr/bin/false", O_RDONLY), 0);
        return 0;
}

START_TEST(only_the_listed_file_is_executed)
{
        if (!has_landlock("only_the_listed_file_is_executed"))
                return;
        ck_assert_int_eq(in_child(exec_it, &(struct program){ "/usr/bin/false" }), 1);
        ck_assert_int_eq(in_child(execute_one, NULL), 0);
}
END_TEST

START_TEST(what_is_not_there_is_told_apart)
{
        cleanup_landlock struct landlock *domain = NULL;
        char far[5000] = "/";

        if (!has_landlock("what_is_not_there_is_told_apart"))
                return;
        domain = must_make();
        memset(far + 1, 'x', sizeof(far) - 2);
        ck_assert_int_eq(landlock_allow(domain, at_home("none"), LANDLOCK_READ), -ENOENT);
        ck_assert_int_eq(landlock_allow(domain, at_home("c/none"), LANDLOCK_READ), -ENOTDIR);
        ck_assert_int_eq(landlock_allow_existing(domain, at_home("none"), LANDLOCK_READ), 0);
        ck_assert_int_eq(landlock_allow_existing(domain, at_home("c/none"), LANDLOCK_READ), 0);
        ck_assert_int_eq(landlock_allow_existing(domain, far, LANDLOCK_READ), -ENAMETOOLONG);
}
END_TEST

/* A link that leads nowhere allows nothing and must not keep a session from opening: some other user may have made it. */
START_TEST(links_that_lead_nowhere_are_skipped)
{
        cleanup_landlock struct landlock *domain = NULL;
        cleanup_free char *failed = NULL;
        cleanup_free char *pattern = strdup(at_home("*"));

        if (!has_landlock("links_that_lead_nowhere_are_skipped"))
                return;
        domain = must_make();
        ck_assert_int_eq(symlink("none", at_home("dangling")), 0);
        ck_assert_int_eq(symlink("loop", at_home("loop")), 0);
        ck_assert_int_eq(landlock_allow(domain, at_home("loop"), LANDLOCK_READ), -ELOOP);
        ck_assert_int_eq(landlock_allow_existing(domain, at_home("loop"), LANDLOCK_READ), 0);
        ck_assert_int_eq(landlock_allow_pattern(domain, pattern, LANDLOCK_READ, &failed), 0);
        ck_assert_ptr_null(failed);
}
END_TEST

static int read_by_pattern(void *context)
{
        struct landlock *domain = must_make();
        char *failed = NULL;
        char pattern[128];

        (void)context;
        ck_assert_int_eq(symlink("../b/file", at_home("a/link")), 0);
        (void)snprintf(pattern, sizeof(pattern), "%s/[ac]", home);
        ck_assert_int_eq(landlock_allow_pattern(domain, pattern, LANDLOCK_READ, &failed), 0);
        (void)snprintf(pattern, sizeof(pattern), "%s/none*", home);
        ck_assert_int_eq(landlock_allow_pattern(domain, pattern, LANDLOCK_READ, &failed), 0);
        ck_assert_ptr_null(failed);
        must_restrict(domain);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("b/file"), O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("a/link"), O_RDONLY), -EACCES);
        return 0;
}

CHILD_TEST(patterns_allow_what_they_match, read_by_pattern)

/* A place that may not be looked up has no match, with glob characters and without: some other policy's tree must not end a command. */
static int look_behind_a_closed_door(void *context)
{
        struct landlock *domain = must_make();
        char *failed = NULL;
        char pattern[128];

        (void)context;
        (void)snprintf(pattern, sizeof(pattern), "%s/a/[f]ile", home);
        ck_assert_int_eq(chmod(at_home("a"), 0), 0);
        ck_assert(getuid() != 0 || setuid(65534) == 0);
        ck_assert_int_eq(landlock_allow(domain, at_home("a/file"), LANDLOCK_READ), -EACCES);
        ck_assert_int_eq(landlock_allow_pattern(domain, at_home("a/file"), LANDLOCK_READ, &failed), 0);
        ck_assert_int_eq(landlock_allow_pattern(domain, pattern, LANDLOCK_READ, &failed), 0);
        ck_assert_ptr_null(failed);
        landlock_free(domain);
        return 0;
}

CHILD_TEST(what_cannot_be_looked_up_is_skipped, look_behind_a_closed_door)

static int fail_by_pattern(void *context)
{
        struct landlock *domain = must_make();
        char *failed = NULL;

        (void)context;
        /* No descriptor is left for the place. */
        while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
                continue;
        ck_assert_int_eq(landlock_allow_pattern(domain, at_home("c"), LANDLOCK_READ, &failed), -EMFILE);
        ck_assert_pstr_eq(failed, at_home("c"));
        free(failed);
        landlock_free(domain);
        return 0;
}

CHILD_TEST(a_pattern_that_fails_names_its_place, fail_by_pattern)

/* Nothing listens on port 9: a connection that Landlock leaves alone is refused by the other end. */
static int connect_somewhere(void *context)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
        const unsigned *leaves = context;
        struct landlock *domain = NULL;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int refusal = *leaves == 0 ? EACCES : ECONNREFUSED;

        ck_assert_int_eq(landlock_new(*leaves, &domain), 0);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        must_restrict(domain);
        ck_assert(connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno == refusal);
        to.sin_port = 0;
        ck_assert(bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno == EACCES);
        fd_close(fd);
        return 0;
}

START_TEST(tcp_is_denied)
{
        unsigned leaves[] = { 0, LANDLOCK_LEAVES_CONNECT };

        if (!has_landlock("tcp_is_denied"))
                return;
        if ((landlock_lacks(landlock_abi()) & LANDLOCK_LACKS_NET) != 0)
                (void)fprintf(stderr, "SKIP tcp_is_denied: this kernel lacks it\n");
        else
                for (size_t i = 0; i < 2; i++)
                        ck_assert_int_eq(in_child(connect_somewhere, &leaves[i]), 0);
}
END_TEST

static int reach_outside(void *context)
{
        struct landlock *domain = must_make();
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un *to = context;

        ck_assert_int_eq(kill(getppid(), 0), 0);
        must_restrict(domain);
        ck_assert(kill(getppid(), 0) < 0 && errno == EPERM);
        ck_assert(connect(fd, (struct sockaddr *)to, sizeof(*to)) < 0 && errno == EPERM);
        ck_assert_int_eq(kill(getpid(), 0), 0);
        fd_close(fd);
        return 0;
}

START_TEST(the_domain_is_a_scope)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (!has_landlock("the_domain_is_a_scope"))
                return;
        if ((landlock_lacks(landlock_abi()) & LANDLOCK_LACKS_SCOPE) != 0) {
                (void)fprintf(stderr, "SKIP the_domain_is_a_scope: this kernel lacks it\n");
                return;
        }
        (void)snprintf(to.sun_path + 1, sizeof(to.sun_path) - 1, "%s", home);
        ck_assert_int_eq(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
        ck_assert_int_eq(listen(fd, 1), 0);
        ck_assert_int_eq(in_child(reach_outside, &to), 0);
}
END_TEST

START_TEST(domains_leave_no_descriptor)
{
        size_t before = count_fds();
        struct landlock *domain;

        if (!has_landlock("domains_leave_no_descriptor"))
                return;
        domain = must_make();
        must_allow(domain, "/", LANDLOCK_READ);
        (void)landlock_allow(domain, at_home("none"), LANDLOCK_READ);
        landlock_free(domain);
        landlock_free(NULL);
        ck_assert_uint_eq(count_fds(), before);
}
END_TEST

static int restrict_with_privilege(void *context)
{
        struct landlock *domain = must_make();

        (void)context;
        if (geteuid() == 0)
                ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
        ck_assert_int_eq(landlock_restrict(domain), -EPERM);
        landlock_free(domain);
        return 0;
}

CHILD_TEST(no_new_privs_is_needed, restrict_with_privilege)

TEST_MAIN("confine/landlock", trees_make, home_remove, each_abi_lacks_what_it_lacks, only_the_allowed_tree_is_read,
          an_empty_domain_denies_all, writing_is_allowed_by_file, only_the_listed_file_is_executed,
          what_is_not_there_is_told_apart, links_that_lead_nowhere_are_skipped, what_cannot_be_looked_up_is_skipped,
          patterns_allow_what_they_match, a_pattern_that_fails_names_its_place, tcp_is_denied, the_domain_is_a_scope,
          domains_leave_no_descriptor, no_new_privs_is_needed)
