#include "pam_diag/policy/patterns.h"

#include "tests/unit/t_policy_fixture.h"

static void covers(const char *pattern, const char *path, bool expected)
{
        char copy[256];
        char *patterns[] = { copy, NULL };

        strcpy(copy, pattern);
        ck_assert_msg(patterns_cover(patterns, path) == expected, "%s on %s", pattern, path);
}

START_TEST(a_pattern_covers_what_is_below)
{
        covers("/srv/secret", "/srv/secret", true);
        covers("/srv/secret", "/srv/secret/a/b", true);
        covers("/srv/secret", "/srv/secretive", false);
        covers("/srv/secret", "/srv/secret.old", false);
        covers("/srv/secret", "/srv", false);
        covers("/", "/anything", true);
        covers("/", "/", true);
}
END_TEST

START_TEST(globs_stay_in_one_component)
{
        covers("/home/*/.ssh", "/home/a/.ssh", true);
        covers("/home/*/.ssh", "/home/a/.ssh/id", true);
        covers("/home/*/.ssh", "/home/a/b/.ssh", false);
        covers("/home/*/.ssh", "/home/.hidden/.ssh/id", true);
        covers("/etc/shadow*", "/etc/shadow-", true);
        covers("/etc/shadow*", "/etc/shadow", true);
        covers("/etc/ssh/ssh_host_*_key", "/etc/ssh/ssh_host_rsa_key", true);
        covers("/etc/ssh/ssh_host_*_key", "/etc/ssh/ssh_host_rsa_key.pub", false);
        covers("/proc/*", "/proc", false);
        covers("/proc/*", "/proc/1/status", true);
        covers("/a/[bc]?", "/a/bx/y", true);
        covers("/a/[bc]?", "/a/b/y", false);
}
END_TEST

static void normal(int (*normalise)(const char *, char **), const char *written, const char *expected)
{
        cleanup_free char *out = NULL;
        int r = normalise(written, &out);

        ck_assert_int_eq(r, expected == NULL ? -EINVAL : 0);
        if (expected != NULL)
                ck_assert_str_eq(out, expected);
}

START_TEST(normalises)
{
        normal(path_normalise, "/a//b/./c/", "/a/b/c");
        normal(path_normalise, "/a/../b", "/b");
        normal(path_normalise, "/../../b/..", "/");
        normal(path_normalise, "/a/...", "/a/...");
        normal(path_normalise, "//", "/");
        normal(path_normalise, "/", "/");
        normal(path_normalise, "a", NULL);
        normal(path_normalise, "", NULL);
        normal(pattern_normalise, "/a/*/", "/a/*");
        normal(pattern_normalise, "/a/../b", NULL);
        normal(pattern_normalise, "a", NULL);
}
END_TEST

FIXTURE_MAIN("patterns", a_pattern_covers_what_is_below, globs_stay_in_one_component, normalises)
