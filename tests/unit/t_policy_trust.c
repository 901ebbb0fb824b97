#include "pam_diag/policy/trust.h"

#include "tests/unit/t_policy_fixture.h"

static int try(const char *name, enum policy_trust trust, enum trust_kind kind, char **ret_resolved)
{
        cleanup_buf struct buf why = BUF_INIT(4096);
        cleanup_fd int fd = -1;
        int r = trust_open(fixture_path(name), trust, kind, &fd, ret_resolved, &why);

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

FIXTURE_MAIN_DIR("trust", follows_links_to_the_real_place, every_directory_on_the_way_counts, kinds_and_absence)
