#include "pam_diag/policy/trust.h"

#include "tests/unit/t_policy_fixture.h"

static int try(const char *name, enum policy_trust trust, enum trust_kind kind, char **ret_resolved)
{
        cleanup_buf struct buf why = BUF_INIT(4096);
        cleanup_fd int fd = -1;
        cleanup_trust_cache struct trust_cache *cache = trust_cache_new(trust);
        int r = trust_open(cache, fixture_path(name), kind, &fd, ret_resolved, &why);

        ck_assert_int_eq(fd >= 0, r == 0);
        ck_assert_int_eq(why.length > 0, r != 0);
        return r;
}

static void link_to(const char *target, const char *name)
{
        ck_assert_int_eq(symlink(target, fixture_path(name)), 0);
}

START_TEST(follows_links_to_the_real_place)
{
        cleanup_free char *resolved = NULL;

        fixture_mkdir("d");
        fixture_write("d/f", "x");
        link_to("d/../d/./f", "l1");
        link_to("l1", "l2");
        ck_assert_int_eq(try("l2", POLICY_ROOT_ONLY, TRUST_FILE, &resolved), 0);
        ck_assert_str_eq(resolved, fixture_path("d/f"));
        link_to("/etc/../etc/passwd", "abs");
        free(resolved);
        resolved = NULL;
        ck_assert_int_eq(try("abs", POLICY_ROOT_ONLY, TRUST_FILE, &resolved), 0);
        ck_assert_str_eq(resolved, "/etc/passwd");
}
END_TEST

START_TEST(every_directory_on_the_way_counts)
{
        fixture_mkdir("open");
        fixture_mkdir("open/d");
        fixture_write("open/d/f", "x");
        link_to("open/d/f", "l");
        ck_assert_int_eq(try("l", POLICY_ROOT_ONLY, TRUST_FILE, NULL), 0);
        ck_assert_int_eq(chmod(fixture_path("open"), 01777), 0);
        ck_assert_int_eq(try("l", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EPERM);
        ck_assert_int_eq(try("open/d/f", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EPERM);
        ck_assert_int_eq(try("open/d/../../l", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EPERM);
        ck_assert_int_eq(try("l", POLICY_ANY_OWNER, TRUST_FILE, NULL), 0);
        ck_assert_int_eq(chmod(fixture_path("open"), 0775), 0);
        ck_assert_int_eq(try("l", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EPERM);
        ck_assert_int_eq(chmod(fixture_path("open"), 0755), 0);
        ck_assert_int_eq(chown(fixture_path("open/d"), 65534, 0), 0);
        ck_assert_int_eq(try("l", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EPERM);
}
END_TEST

static int open_in(struct trust_cache *cache, const char *name, char **ret_resolved)
{
        cleanup_buf struct buf why = BUF_INIT(4096);
        cleanup_fd int fd = -1;

        return trust_open(cache, fixture_path(name), TRUST_FILE, &fd, ret_resolved, &why);
}

/* It is the directory that was checked, not whatever has its name later. */
START_TEST(a_directory_is_kept)
{
        cleanup_trust_cache struct trust_cache *cache = trust_cache_new(POLICY_ROOT_ONLY);
        cleanup_free char *resolved = NULL;
        char moved[512];

        fixture_mkdir("d");
        fixture_write("d/f", "x");
        link_to("d", "way");
        ck_assert_int_eq(open_in(cache, "way/f", NULL), 0);
        ck_assert_int_eq(open_in(cache, "way/g", NULL), -ENOENT);
        strcpy(moved, fixture_path("moved"));
        ck_assert_int_eq(rename(fixture_path("d"), moved), 0);
        fixture_mkdir("d");
        fixture_write("d/g", "x");
        ck_assert_int_eq(open_in(cache, "way/f", &resolved), 0);
        ck_assert_str_eq(resolved, fixture_path("d/f"));
        ck_assert_int_eq(open_in(cache, "way/g", NULL), -ENOENT);
        ck_assert_int_eq(open_in(cache, "d/g", NULL), 0);
}
END_TEST

static void says(struct trust_cache *cache, const char *name, int error, const char *what)
{
        cleanup_buf struct buf why = BUF_INIT(4096);
        cleanup_fd int fd = -1;
        char expected[512];

        ck_assert_int_eq(trust_open(cache, fixture_path(name), TRUST_FILE, &fd, NULL, &why), error);
        (void)snprintf(expected, sizeof(expected), "%s%s", fixture_path(name), what);
        ck_assert_str_eq(why.data == NULL ? expected : why.data, expected);
}

/* Where the directory is known, one call opens the file: what is looked at is the same, and what is said. */
START_TEST(the_file_counts_in_a_directory_that_is_kept)
{
        cleanup_trust_cache struct trust_cache *cache = trust_cache_new(POLICY_ROOT_ONLY);

        fixture_mkdir("d");
        fixture_write("d/f", "x");
        ck_assert_int_eq(mkfifo(fixture_path("d/fifo"), 0600), 0);
        link_to("/etc/passwd", "d/l");
        ck_assert_int_eq(open_in(cache, "d/f", NULL), 0);
        ck_assert_int_eq(open_in(cache, "d/l", NULL), 0);
        says(cache, "d/none", -ENOENT, ": No such file or directory");
        says(cache, "d/fifo", -EINVAL, " is not a regular file");
        ck_assert_int_eq(chmod(fixture_path("d/f"), 0646), 0);
        says(cache, "d/f", -EPERM, " is world-writable");
        ck_assert_int_eq(chmod(fixture_path("d/f"), 0664), 0);
        says(cache, "d/f", -EPERM, " is group-writable");
        ck_assert_int_eq(chmod(fixture_path("d/f"), 0644), 0);
        ck_assert_int_eq(open_in(cache, "d/f", NULL), 0);
        ck_assert_int_eq(chown(fixture_path("d/f"), 65534, 0), 0);
        says(cache, "d/f", -EPERM, " does not belong to root");
}
END_TEST

START_TEST(more_directories_than_are_kept)
{
        cleanup_trust_cache struct trust_cache *cache = trust_cache_new(POLICY_ROOT_ONLY);

        for (unsigned round = 0; round < 2; round++) {
                for (unsigned i = 0; i < 100; i++) {
                        char name[32];

                        (void)snprintf(name, sizeof(name), "d%u", i);
                        if (round == 0)
                                fixture_mkdir(name);
                        (void)snprintf(name, sizeof(name), "d%u/f%u", i, i);
                        if (round == 0)
                                fixture_write(name, "x");
                        ck_assert_int_eq(open_in(cache, name, NULL), 0);
                        ck_assert_int_eq(open_in(cache, name, NULL), 0);
                }
        }
}
END_TEST

START_TEST(kinds_and_absence)
{
        fixture_mkdir("d");
        fixture_write("f", "x");
        ck_assert_int_eq(mkfifo(fixture_path("fifo"), 0600), 0);
        link_to("loop", "loop");
        link_to("nothing", "dangling");
        ck_assert_int_eq(try("d", POLICY_ROOT_ONLY, TRUST_DIRECTORY, NULL), 0);
        ck_assert_int_eq(try("d", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EINVAL);
        ck_assert_int_eq(try("f", POLICY_ROOT_ONLY, TRUST_DIRECTORY, NULL), -ENOTDIR);
        ck_assert_int_eq(try("f/x", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -ENOTDIR);
        ck_assert_int_eq(try("fifo", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -EINVAL);
        ck_assert_int_eq(try("loop", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -ELOOP);
        ck_assert_int_eq(try("dangling", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -ENOENT);
        ck_assert_int_eq(try("none", POLICY_ROOT_ONLY, TRUST_FILE, NULL), -ENOENT);
}
END_TEST

FIXTURE_MAIN_DIR("trust", follows_links_to_the_real_place, every_directory_on_the_way_counts, a_directory_is_kept,
                 the_file_counts_in_a_directory_that_is_kept, more_directories_than_are_kept, kinds_and_absence)
