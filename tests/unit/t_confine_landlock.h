/* Trees to be confined to, and domains that must be made, for the tests of landlock.c. */
#pragma once

#include "tests/unit/t_help.h"

#include "pam_diag/confine/landlock.h"

__attribute__((unused)) static bool has_landlock(const char *test)
{
        if (landlock_abi() > 0)
                return true;
        (void)fprintf(stderr, "SKIP %s: no Landlock here: %s\n", test, strerror(-landlock_abi()));
        return false;
}

/* `act` in a process of its own, which it may restrict. */
#define CHILD_TEST(name, act)                                     \
        START_TEST(name)                                          \
        {                                                         \
                if (has_landlock(#name))                          \
                        ck_assert_int_eq(in_child(act, NULL), 0); \
        }                                                         \
        END_TEST

/* Two trees with a file each, and a directory that is not allowed. */
__attribute__((unused)) static void trees_make(void)
{
        home_make();
        make_directory(at_home("a"));
        make_file(at_home("a/file"), "in a", 0666);
        make_directory(at_home("b"));
        make_file(at_home("b/file"), "in b", 0666);
        make_file(at_home("c"), "is c", 0666);
}

__attribute__((unused)) static struct landlock *must_make(void)
{
        struct landlock *domain = NULL;

        ck_assert_int_eq(landlock_new(0, &domain), 0);
        return domain;
}

__attribute__((unused)) static void must_allow(struct landlock *domain, const char *path, enum landlock_access access)
{
        ck_assert_msg(landlock_allow(domain, path, access) == 0, "%s", path);
}

__attribute__((unused)) static void must_restrict(struct landlock *domain)
{
        no_new_privs();
        ck_assert_int_eq(landlock_restrict(domain), 0);
        landlock_free(domain);
}
