/* confine/cover.c: a text in a file's place, and the host as it was. */
#include "tests/unit/t_help.h"

#include "pam_diag/confine/cover.h"

static void must_hold(const char *path, const char *expected)
{
        cleanup_free char *text = NULL;
        size_t length;

        ck_assert_int_eq(fd_read_file(path, 4096, &text, &length), 0);
        ck_assert_str_eq(text, expected);
}

static int cover(void *context)
{
        const char *path = context;
        const char *where = "";
        struct stat status;
        int r = cover_file(path, "covered\n", 8, &where);

        ck_assert_msg(r == 0, "%s: %s", where, strerror(-r));
        must_hold(path, "covered\n");
        ck_assert_int_eq(stat(path, &status), 0);
        ck_assert_uint_eq(status.st_uid, 0);
        ck_assert_uint_eq(status.st_mode, S_IFREG | 0644);
        /* The staging place is itself again. */
        ck_assert_int_eq(access("/dev/shm/text", F_OK), -1);
        return 0;
}

static void must_leave_alone(const char *name)
{
        cleanup_free char *path = strdup(at_home(name));
        cleanup_free char *before = NULL;
        cleanup_free char *after = NULL;
        size_t length;

        ck_assert_int_eq(fd_read_file("/proc/self/mountinfo", 1 << 20, &before, &length), 0);
        ck_assert_int_eq(in_child(cover, path), 0);
        must_hold(path, "own\n");
        ck_assert_int_eq(fd_read_file("/proc/self/mountinfo", 1 << 20, &after, &length), 0);
        ck_assert_str_eq(after, before);
}

START_TEST(a_file_is_covered_for_its_own_process_alone)
{
        if (!is_root("a_file_is_covered_for_its_own_process_alone"))
                return;
        make_file(at_home("file"), "own\n", 0600);
        must_leave_alone("file");
        /* A link stays; what it leads to is covered. */
        ck_assert_int_eq(symlink("file", at_home("link")), 0);
        must_leave_alone("link");
}
END_TEST

static int cover_nothing(void *context)
{
        const char *where = "";
        int r = cover_file(context, "x", 1, &where);

        ck_assert_str_eq(where, context);
        return -r;
}

START_TEST(a_failure_names_the_file)
{
        cleanup_free char *path = strdup(at_home("none"));

        if (is_root("a_failure_names_the_file"))
                ck_assert_int_eq(in_child(cover_nothing, path), ENOENT);
}
END_TEST

TEST_MAIN("confine/cover", home_make, home_remove, a_file_is_covered_for_its_own_process_alone,
          a_failure_names_the_file)
