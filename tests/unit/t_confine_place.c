/* confine/place.c */
#include "tests/unit/t_help.h"

#include <sys/stat.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/place.h"

static char top[64];

static const char *at_top(const char *name)
{
        static char path[128];

        (void)snprintf(path, sizeof(path), "%s%s", top, name);
        return path;
}

/* d/in/file, and links to them. */
static void setup(void)
{
        strcpy(top, "/tmp/t_place.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(top));
        ck_assert_int_eq(mkdir(at_top("/d"), 0755), 0);
        ck_assert_int_eq(mkdir(at_top("/d/in"), 0755), 0);
        ck_assert_int_eq(mknod(at_top("/d/in/file"), S_IFREG | 0644, 0), 0);
        ck_assert_int_eq(symlink("d", at_top("/link")), 0);
        ck_assert_int_eq(symlink("link/in/../in/file", at_top("/file-link")), 0);
        ck_assert_int_eq(symlink("none", at_top("/dangling")), 0);
        ck_assert_int_eq(symlink("loop", at_top("/loop")), 0);
}

static void teardown(void)
{
        static const char *const names[] = { "/loop", "/dangling", "/file-link", "/link", "/d/in/file", NULL };

        for (size_t i = 0; names[i] != NULL; i++)
                (void)unlink(at_top(names[i]));
        (void)rmdir(at_top("/d/in"));
        (void)rmdir(at_top("/d"));
        (void)rmdir(top);
}

static void must_open(const char *name, const char *resolved)
{
        cleanup_fd int place = -1;
        cleanup_free char *path = NULL;
        struct stat opened, expected;

        ck_assert_int_eq(place_open(at_top(name), &place, &path), 0);
        ck_assert_str_eq(path, at_top(resolved));
        ck_assert_int_eq(fstat(place, &opened), 0);
        ck_assert_int_eq(lstat(path, &expected), 0);
        ck_assert(opened.st_dev == expected.st_dev && opened.st_ino == expected.st_ino);
        ck_assert_int_eq(fcntl(place, F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq(fcntl(place, F_GETFL) & O_PATH, O_PATH);
}

START_TEST(what_is_there_is_opened)
{
        must_open("/d", "/d");
        must_open("/d/in/file", "/d/in/file");
}
END_TEST

START_TEST(links_are_resolved)
{
        must_open("/link", "/d");
        must_open("/link/in", "/d/in");
        must_open("/file-link", "/d/in/file");
}
END_TEST

/* The path is what tells one place from another: there is one spelling of each. */
START_TEST(the_path_is_spelled_in_one_way)
{
        must_open("/d/", "/d");
        must_open("//d", "/d");
        must_open("/d/./in", "/d/in");
        must_open("/d/in/..", "/d");
        must_open("/d/in/../in/file", "/d/in/file");
}
END_TEST

START_TEST(the_root_is_a_place)
{
        cleanup_fd int place = -1;
        cleanup_free char *path = NULL;

        ck_assert_int_eq(place_open("/", &place, &path), 0);
        ck_assert_str_eq(path, "/");
}
END_TEST

static void must_fail(const char *name, int error)
{
        int place = 4711;
        char *path = NULL;

        ck_assert_int_eq(place_open(at_top(name), &place, &path), error);
        ck_assert_int_eq(place, 4711);
        ck_assert_ptr_null(path);
}

START_TEST(what_is_not_there_is_no_place)
{
        must_fail("/none", -ENOENT);
        must_fail("/d/none/deeper", -ENOENT);
        must_fail("/dangling", -ENOENT);
        must_fail("/d/in/file/below", -ENOTDIR);
        must_fail("/loop", -ELOOP);
        must_fail("/loop/deeper", -ELOOP);
}
END_TEST

TEST_MAIN("confine/place", setup, teardown, what_is_there_is_opened, links_are_resolved, the_path_is_spelled_in_one_way,
          the_root_is_a_place, what_is_not_there_is_no_place)
