/* confine/landlock.c: two domains in force together, one of them begun by another process. */
#include "tests/unit/t_confine_landlock.h"

static int leave_reading(void *context)
{
        struct landlock *domain = NULL;

        (void)context;
        ck_assert_int_eq(landlock_new(LANDLOCK_LEAVES_READING, &domain), 0);
        must_allow(domain, at_home("c"), LANDLOCK_WRITE);
        must_restrict(domain);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("b"), O_RDONLY | O_DIRECTORY), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDWR), 0);
        ck_assert_int_eq(try_open(at_home("a/file"), O_WRONLY), -EACCES);
        ck_assert(mkdir(at_home("a/new"), 0755) < 0 && errno == EACCES);
        return 0;
}

CHILD_TEST(reading_can_be_left_to_another_domain, leave_reading)

/* Begun here, and put in force in the child, which allows more. */
static int take_over(void *context)
{
        struct landlock *taken = NULL;
        int passed = fcntl(*(const int *)context, F_DUPFD_CLOEXEC, 0);

        ck_assert_int_eq(landlock_take_reading(&passed, &taken), 0);
        ck_assert_int_eq(passed, -1);
        must_allow(taken, at_home("c"), LANDLOCK_READ);
        must_restrict(taken);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("b/file"), O_RDONLY), -EACCES);
        ck_assert(execl("/bin/true", "true", NULL) < 0 && errno == EACCES);
        /* It leaves all but reading and executing alone. */
        ck_assert_int_eq(try_open(at_home("b/file"), O_WRONLY), 0);
        ck_assert_int_eq(mkdir(at_home("b/new"), 0755), 0);
        return 0;
}

START_TEST(a_domain_can_be_passed_on)
{
        struct landlock *domain = NULL;
        int ruleset;

        if (!has_landlock("a_domain_can_be_passed_on"))
                return;
        ck_assert_int_eq(landlock_new(LANDLOCK_LEAVES_OTHERS, &domain), 0);
        must_allow(domain, at_home("a"), LANDLOCK_READ);
        ruleset = landlock_ruleset(domain);
        ck_assert_int_eq(in_child(take_over, &ruleset), 0);
        landlock_free(domain);
}
END_TEST

/* In force together they deny what either denies. */
static int join(void *context)
{
        struct landlock *reading = NULL;
        struct landlock *others = NULL;

        (void)context;
        ck_assert_int_eq(landlock_new(LANDLOCK_LEAVES_OTHERS, &reading), 0);
        ck_assert_int_eq(landlock_new(LANDLOCK_LEAVES_READING, &others), 0);
        must_allow(reading, at_home("a"), LANDLOCK_READ);
        must_allow(reading, at_home("c"), LANDLOCK_WRITE);
        must_allow(others, at_home("c"), LANDLOCK_WRITE);
        must_allow(others, at_home("b"), LANDLOCK_WRITE);
        must_restrict(others);
        must_restrict(reading);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDWR), -EACCES);
        ck_assert_int_eq(try_open(at_home("b/file"), O_RDWR), -EACCES);
        ck_assert_int_eq(try_open(at_home("b/file"), O_WRONLY), 0);
        ck_assert_int_eq(try_open(at_home("c"), O_RDWR), 0);
        ck_assert_int_eq(try_open("/etc/passwd", O_RDONLY), -EACCES);
        return 0;
}

CHILD_TEST(two_domains_hold_together, join)

/* What a place may be allowed is shared out: each domain takes what it handles. */
static int allow_in_both(void *context)
{
        struct landlock *reading = NULL;
        struct landlock *others = NULL;

        (void)context;
        ck_assert_int_eq(landlock_new(LANDLOCK_LEAVES_OTHERS, &reading), 0);
        ck_assert_int_eq(landlock_new(LANDLOCK_LEAVES_READING, &others), 0);
        ck_assert_int_eq(landlock_allow_in_pair(reading, others, at_home("a"), LANDLOCK_READ), 0);
        ck_assert_int_eq(landlock_allow_in_pair(reading, others, at_home("c"), LANDLOCK_WRITE), 0);
        ck_assert_int_eq(landlock_allow_in_pair(reading, others, at_home("none"), LANDLOCK_READ), 0);
        ck_assert_int_eq(landlock_allow_in_pair(reading, others, at_home("c/none"), LANDLOCK_READ), 0);
        must_restrict(others);
        must_restrict(reading);
        ck_assert_int_eq(try_open(at_home("a/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("a/file"), O_WRONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("c"), O_RDWR), 0);
        ck_assert_int_eq(try_open(at_home("b/file"), O_RDONLY), -EACCES);
        return 0;
}

CHILD_TEST(a_place_is_allowed_in_both, allow_in_both)

START_TEST(what_is_no_domain_is_refused)
{
        int descriptors[] = { open("/dev/null", O_RDWR | O_CLOEXEC), -1 };

        if (!has_landlock("what_is_no_domain_is_refused"))
                return;
        for (size_t i = 0; i < 2; i++) {
                int passed = descriptors[i];
                cleanup_landlock struct landlock *domain = NULL;
                int error = passed < 0 ? -EBADF : -EBADFD;

                ck_assert_int_eq(landlock_take_reading(&passed, &domain), 0);
                ck_assert_int_eq(landlock_allow(domain, at_home("a"), LANDLOCK_READ), error);
                no_new_privs();
                ck_assert_int_eq(landlock_restrict(domain), error);
        }
}
END_TEST

TEST_MAIN("confine/landlock_pair", trees_make, home_remove, reading_can_be_left_to_another_domain,
          a_domain_can_be_passed_on, two_domains_hold_together, a_place_is_allowed_in_both,
          what_is_no_domain_is_refused)
