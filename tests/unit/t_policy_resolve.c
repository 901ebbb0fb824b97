#include "pam_diag/policy/resolve.h"

#include "pam_diag/base/mem.h"

#include "tests/unit/t_policy_fixture.h"

/* Paths that begin with `/` are taken as they are, others lie in the fixture. */
static const char *whole(const char *path, char *out, size_t size)
{
        ck_assert_int_lt(
                snprintf(out, size, "%s%s%s", path[0] == '/' ? "" : fixture_dir, path[0] == '/' ? "" : "/", path),
                (int)size);
        return out;
}

static void leads(const char *path, const char *expected)
{
        char from[512];
        char to[512];
        char *resolved = NULL;
        size_t known = 0;
        struct stat st;
        int r = path_resolver_live.resolve(path_resolver_live.context, whole(path, from, sizeof(from)), &resolved,
                                           &known);

        ck_assert_msg(r == 0, "%s: %d", path, r);
        ck_assert_str_eq(resolved, whole(expected, to, sizeof(to)));
        /* What is known exists, and the next component does not. */
        ck_assert_uint_le(known, strlen(resolved));
        if (resolved[known] != '\0') {
                ck_assert_int_eq(resolved[known], '/');
                resolved[known + 1 + strcspn(resolved + known + 1, "/")] = '\0';
                ck_assert_int_eq(lstat(resolved, &st), -1);
                resolved[known] = '\0';
        }
        ck_assert_int_eq(lstat(*resolved == '\0' ? "/" : resolved, &st), 0);
        free(resolved);
}

static void fails(const char *path, int error)
{
        char from[512];
        char *resolved = NULL;
        size_t known;

        ck_assert_msg(path_resolver_live.resolve(path_resolver_live.context, whole(path, from, sizeof(from)), &resolved,
                                                 &known) == error,
                      "%s", path);
        ck_assert_ptr_null(resolved);
}

static void link_to(const char *target, const char *name)
{
        ck_assert_int_eq(symlink(target, fixture_path(name)), 0);
}

START_TEST(plain_paths)
{
        fixture_mkdir("d");
        fixture_write("d/f", "x");
        leads("d/f", "d/f");
        leads("d//./f/", "d/f");
        leads("d/../d/f", "d/f");
        leads("/", "/");
        leads("/..", "/");
        leads("/../../etc", "/etc");
}
END_TEST

START_TEST(links)
{
        fixture_mkdir("d");
        fixture_mkdir("s");
        fixture_write("s/token", "x");
        link_to("../s", "d/up");
        link_to("up/token", "d/chain");
        link_to("/etc", "abs");
        link_to("nothing/below", "dangling");
        leads("d/up/token", "s/token");
        leads("d/up/../s/token", "s/token");
        leads("d/chain", "s/token");
        leads("abs/passwd", "/etc/passwd");
        leads("dangling", "nothing/below");
        leads("dangling/more", "nothing/below/more");
}
END_TEST

START_TEST(loops_end)
{
        link_to("l2", "l1");
        link_to("l1", "l2");
        link_to("self/x", "self");
        fails("l1", -ELOOP);
        fails("self", -ELOOP);
}
END_TEST

START_TEST(forty_links_pass)
{
        char name[16];
        char target[16] = "end";

        fixture_write("end", "x");
        for (unsigned i = 1; i <= 41; i++) {
                ck_assert_int_lt(snprintf(name, sizeof(name), "n%u", i), (int)sizeof(name));
                link_to(target, name);
                strcpy(target, name);
        }
        leads("n40", "end");
        fails("n41", -ELOOP);
}
END_TEST

START_TEST(what_is_not_there)
{
        fixture_write("f", "x");
        leads("none/a/b", "none/a/b");
        fails("none/../f", -EINVAL);
        fails("none/a/../../f", -EINVAL);
        fails("f/../f", -EINVAL);
}
END_TEST

START_TEST(process_links_are_magic)
{
        fails("/proc/self/root/etc/passwd", -EXDEV);
        fails("/proc/1/root", -EXDEV);
        fails("/proc/self/cwd/x", -EXDEV);
        fails("/proc/self/exe", -EXDEV);
        fails("/proc/self/fd/0", -EXDEV);
        fails("/proc/thread-self/root/etc", -EXDEV);
        fails("/proc/self/task/1/../../root", -EINVAL);
        fails("/dev/stdin", -EXDEV);
        fails("/dev/fd/0", -EXDEV);
        fails("/proc/self/../1/environ", -EINVAL);
        fails("/proc/thread-self/../../x", -EINVAL);
        leads("/proc/self/status", "/proc/self/status");
        leads("/proc/net/dev", "/proc/self/net/dev");
        leads("/proc/mounts", "/proc/self/mounts");
        leads("/proc/sys/kernel/ostype", "/proc/sys/kernel/ostype");
}
END_TEST

START_TEST(a_link_into_a_process_is_found_out)
{
        link_to("/proc/self/root", "r");
        link_to("r/etc/passwd", "t");
        fails("r/etc/passwd", -EXDEV);
        fails("t", -EXDEV);
}
END_TEST

START_TEST(unseen_parts_are_taken_as_written)
{
        fixture_mkdir("closed");
        fixture_mkdir("closed/d");
        link_to("/etc", "closed/d/l");
        ck_assert_int_eq(chmod(fixture_path("closed"), 0700), 0);
        /* In a child of its own (check forks): its rights end with it. */
        ck_assert_int_eq(seteuid(65534), 0);
        leads("closed/d/l/passwd", "closed/d/l/passwd");
        fails("closed/d/../../x", -EINVAL);
        ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* It is given up when it would look at too much, whatever it would match. */
START_TEST(a_pattern_that_looks_everywhere)
{
        char pattern[512];
        char **paths = NULL;

        fixture_mkdir("d");
        for (unsigned i = 0; i < 400; i++) {
                char name[32];

                (void)snprintf(name, sizeof(name), "d/%u", i);
                fixture_mkdir(name);
        }
        ck_assert_int_eq(path_resolver_live.expand(NULL, whole("d/*", pattern, sizeof(pattern)), 400, &paths), 0);
        ck_assert_uint_eq(strv_length(paths), 400);
        strv_free(paths);
        paths = NULL;
        ck_assert_int_eq(path_resolver_live.expand(NULL, whole("d/*", pattern, sizeof(pattern)), 399, &paths), -E2BIG);
        ck_assert_int_eq(path_resolver_live.expand(NULL, whole("d/*/../*/none", pattern, sizeof(pattern)), 9, &paths),
                         -E2BIG);
        ck_assert_int_eq(path_resolver_live.expand(NULL, whole("d/*/none", pattern, sizeof(pattern)), 9, &paths),
                         -ENOENT);
        ck_assert_ptr_null(paths);
}
END_TEST

FIXTURE_MAIN_DIR("resolve", plain_paths, links, loops_end, forty_links_pass, what_is_not_there, process_links_are_magic,
                 a_link_into_a_process_is_found_out, unseen_parts_are_taken_as_written, a_pattern_that_looks_everywhere)
