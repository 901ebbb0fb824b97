/* Mount trees of their own for the tests of mounts.c and mask.c: nothing of this host changes. */
#pragma once

#include "tests/unit/t_help.h"

#include <sched.h>
#include <sys/mount.h>

#include "pam_diag/confine/mounts.h"

/* The calling process, a child of the test, leaves the host's tree; the test's directory becomes a filesystem of its own. */
__attribute__((unused)) static void own_tree(void)
{
        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        ck_assert_int_eq(mount("tmpfs", home, "tmpfs", 0, "mode=0755"), 0);
}

__attribute__((unused)) static void bind(const char *from, const char *to)
{
        char source[512];

        (void)snprintf(source, sizeof(source), "%s/%s", home, from);
        ck_assert_msg(mount(source, at_home(to), NULL, MS_BIND, NULL) == 0, "%s: %s", to, strerror(errno));
}

__attribute__((unused)) static void must_isolate(void)
{
        const char *where = "";
        int r = mounts_isolate(&where);

        ck_assert_msg(r == 0, "%s: %s", where, strerror(-r));
}

__attribute__((unused)) static dev_t must_stock(void)
{
        const char *where = NULL;
        dev_t masks = 0;
        int r = mounts_stock(&where, &masks);

        ck_assert_msg(r == 0, "%s: %s", where, strerror(-r));
        return masks;
}

__attribute__((unused)) static void must_step(int (*step)(const char **ret_where))
{
        const char *where = "";
        int r = step(&where);

        ck_assert_msg(r == 0, "%s: %s", where, strerror(-r));
}

/* Two processes that take turns over two pipes. */
struct turns {
        int to_child[2];
        int to_parent[2];
};

__attribute__((unused)) static void turns_make(struct turns *turns)
{
        ck_assert_int_eq(pipe2(turns->to_child, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(turns->to_parent, O_CLOEXEC), 0);
}

__attribute__((unused)) static void turn_give(const int ends[2])
{
        ck_assert_int_eq(write(ends[1], "x", 1), 1);
}

__attribute__((unused)) static void turn_take(const int ends[2])
{
        char x;

        ck_assert_int_eq(read(ends[0], &x, 1), 1);
}
