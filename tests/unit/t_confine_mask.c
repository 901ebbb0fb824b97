/* confine/mask.c, in namespaces of its own. */
#include "tests/unit/t_confine_mask.h"

static int hide_file_and_directory(void *context)
{
        (void)context;
        make_tree();
        must_hold("d/in/token");
        hide("d", "key1", NULL);
        must_be_hidden("d/in/token");
        must_be_hidden("d/key");
        must_be_hidden("key1");
        must_be_hidden("e/../d/key");
        must_hold("key2");
        must_hold("other");
        must_hold("e/file");
        become_user();
        ck_assert_int_eq(try_open(at_home("d"), O_RDONLY | O_DIRECTORY), -EACCES);
        ck_assert_int_eq(try_open(at_home("d/key"), O_RDONLY), -EACCES);
        ck_assert_int_eq(try_open(at_home("key1"), O_RDONLY), -EACCES);
        must_hold("key2");
        return 0;
}

START_TEST(files_and_directories_are_hidden)
{
        if (is_root("files_and_directories_are_hidden"))
                ck_assert_int_eq(in_child(hide_file_and_directory, NULL), 0);
}
END_TEST

static int hide_by_link(void *context)
{
        (void)context;
        make_tree();
        ck_assert_int_eq(symlink("d", at_home("link")), 0);
        ck_assert_int_eq(symlink("link/../other", at_home("file-link")), 0);
        ck_assert_int_eq(symlink("none", at_home("dangling")), 0);
        ck_assert_int_eq(symlink("loop", at_home("loop")), 0);
        hide("link/in", "file-link", "dangling", "loop", NULL);
        must_be_hidden("d/in/token");
        must_be_hidden("link/in/token");
        must_be_hidden("other");
        must_hold("d/key");
        must_hold("key1");
        return 0;
}

START_TEST(targets_of_links_are_hidden)
{
        if (is_root("targets_of_links_are_hidden"))
                ck_assert_int_eq(in_child(hide_by_link, NULL), 0);
}
END_TEST

static int hide_aliases(void *context)
{
        (void)context;
        make_tree();
        make_directory(at_home("same"));
        make_directory(at_home("above"));
        make_directory(at_home("part"));
        make_file(at_home("part-file"), "public", 0644);
        bind("d", "same");
        bind("", "above");
        bind("d/in", "part");
        bind("d/in/token", "part-file");
        must_hold("same/key");
        must_hold("above/d/key");
        must_hold("part/token");
        must_hold("part-file");
        hide("d", NULL);
        must_be_hidden("d/key");
        must_be_hidden("same/key");
        must_be_hidden("same/in/token");
        must_be_hidden("above/d/key");
        must_be_hidden("part/token");
        must_be_hidden("part-file");
        must_hold("above/key1");
        must_hold("other");
        return 0;
}

START_TEST(bind_mounts_of_it_are_hidden)
{
        if (is_root("bind_mounts_of_it_are_hidden"))
                ck_assert_int_eq(in_child(hide_aliases, NULL), 0);
}
END_TEST

/* The alias is named, and so the original is hidden as well. */
static int hide_by_alias(void *context)
{
        (void)context;
        make_tree();
        make_directory(at_home("same"));
        make_file(at_home("same-file"), "", 0644);
        bind("d", "same");
        bind("key1", "same-file");
        hide("same/in", "same-file", NULL);
        must_be_hidden("d/in/token");
        must_be_hidden("key1");
        must_hold("d/key");
        return 0;
}

START_TEST(the_original_of_an_alias_is_hidden)
{
        if (is_root("the_original_of_an_alias_is_hidden"))
                ck_assert_int_eq(in_child(hide_by_alias, NULL), 0);
}
END_TEST

/* Something else lies on what would be an alias: it stays in sight, and the original is hidden. */
static int hide_under_cover(void *context)
{
        (void)context;
        make_tree();
        make_directory(at_home("same"));
        make_directory(at_home("part"));
        bind("d", "same");
        bind("d/in", "part");
        ck_assert_int_eq(mount("tmpfs", at_home("same"), "tmpfs", 0, NULL), 0);
        ck_assert_int_eq(mount("tmpfs", at_home("part"), "tmpfs", 0, NULL), 0);
        make_file(at_home("same/file"), "public", 0644);
        make_file(at_home("part/file"), "public", 0644);
        hide("d", NULL);
        must_be_hidden("d/key");
        must_hold("same/file");
        must_hold("part/file");
        return 0;
}

START_TEST(what_covers_an_alias_stays)
{
        if (is_root("what_covers_an_alias_stays"))
                ck_assert_int_eq(in_child(hide_under_cover, NULL), 0);
}
END_TEST

/* A file of an overlay need not have the device number of its directories (the kernel's overlayfs.rst). */
static int hide_in_overlay(void *context)
{
        char options[512];

        (void)context;
        make_tree();
        make_directory(at_home("up"));
        make_directory(at_home("work"));
        make_directory(at_home("merged"));
        make_file(at_home("part-file"), "public", 0644);
        ck_assert_int_eq(mount("tmpfs", at_home("e"), "tmpfs", 0, NULL), 0);
        make_directory(at_home("e/d"));
        make_file(at_home("e/d/token"), "secret", 0644);
        (void)snprintf(options, sizeof(options), "lowerdir=%s/e,upperdir=%s/up,workdir=%s/work", home, home, home);
        if (mount("overlay", at_home("merged"), "overlay", 0, options) < 0) {
                (void)fprintf(stderr, "SKIP parts_of_an_overlay_are_hidden: no overlayfs: %s\n", strerror(errno));
                return 0;
        }
        bind("merged/d/token", "part-file");
        must_hold("part-file");
        hide("merged/d", NULL);
        must_be_hidden("merged/d/token");
        must_be_hidden("part-file");
        must_be_hidden("e/d/token");
        return 0;
}

START_TEST(parts_of_an_overlay_are_hidden)
{
        if (is_root("parts_of_an_overlay_are_hidden"))
                ck_assert_int_eq(in_child(hide_in_overlay, NULL), 0);
}
END_TEST

/* An older mount that lies out of sight below a newer one has a longer name than the one that is seen. */
static int hide_over_covered_mount(void *context)
{
        (void)context;
        make_tree();
        make_directory(at_home("same"));
        ck_assert_int_eq(mount("tmpfs", at_home("d/in"), "tmpfs", 0, NULL), 0);
        ck_assert_int_eq(mount("tmpfs", at_home("d"), "tmpfs", 0, "mode=0755"), 0);
        make_directory(at_home("d/in"));
        make_file(at_home("d/in/token"), "secret", 0644);
        bind("d/in", "same");
        must_hold("same/token");
        hide("d/in", NULL);
        must_be_hidden("d/in/token");
        must_be_hidden("same/token");
        return 0;
}

START_TEST(covered_mounts_do_not_mislead)
{
        if (is_root("covered_mounts_do_not_mislead"))
                ck_assert_int_eq(in_child(hide_over_covered_mount, NULL), 0);
}
END_TEST

static int hide_by_pattern(void *context)
{
        (void)context;
        make_tree();
        hide("key*", "d/*/tok??", "none", "none/none*", "other/none", "none*", NULL);
        must_be_hidden("key1");
        must_be_hidden("key2");
        must_be_hidden("d/in/token");
        must_hold("d/key");
        must_hold("other");
        return 0;
}

START_TEST(patterns_hide_what_they_match)
{
        if (is_root("patterns_hide_what_they_match"))
                ck_assert_int_eq(in_child(hide_by_pattern, NULL), 0);
}
END_TEST

static int hide_twice(void *context)
{
        (void)context;
        make_tree();
        hide("d/in/token", "d", "d/in", "d/*", "d", "key1", "key[1]", NULL);
        must_be_hidden("d/in/token");
        must_be_hidden("d/key");
        must_be_hidden("key1");
        return 0;
}

START_TEST(patterns_may_overlap)
{
        if (is_root("patterns_may_overlap"))
                ck_assert_int_eq(in_child(hide_twice, NULL), 0);
}
END_TEST

static int leave_proc(void *context)
{
        (void)context;
        make_tree();
        hide("/proc/*/environ", "/proc/version", "key1", NULL);
        ck_assert_int_eq(try_open("/proc/version", O_RDONLY), 0);
        ck_assert_int_eq(try_open("/proc/self/environ", O_RDONLY), 0);
        must_be_hidden("key1");
        return 0;
}

START_TEST(proc_is_left_out)
{
        if (is_root("proc_is_left_out"))
                ck_assert_int_eq(in_child(leave_proc, NULL), 0);
}
END_TEST

static int hide_nothing(void *context)
{
        char *path = NULL;
        size_t before;

        (void)context;
        make_tree();
        must_isolate();
        (void)must_stock();
        before = count_fds();
        ck_assert_int_eq(mask_paths(NULL, &path), 0);
        ck_assert_int_eq(mask_paths((char *[]){ NULL }, &path), 0);
        ck_assert_uint_eq(count_fds(), before);
        return 0;
}

START_TEST(no_patterns_no_masks)
{
        if (is_root("no_patterns_no_masks"))
                ck_assert_int_eq(in_child(hide_nothing, NULL), 0);
}
END_TEST

/* What is not there hides nothing; what cannot be looked up may. */
static int hide_unknown(void *context)
{
        char name[300];
        char path[512];
        char *patterns[] = { path, NULL };
        char *failed = NULL;

        (void)context;
        make_tree();
        must_isolate();
        (void)must_stock();
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        (void)snprintf(path, sizeof(path), "%s", at_home(name));
        ck_assert_int_eq(mask_paths(patterns, &failed), -ENAMETOOLONG);
        ck_assert_pstr_eq(failed, path);
        free(failed);
        return 0;
}

START_TEST(what_cannot_be_looked_up_is_an_error)
{
        if (is_root("what_cannot_be_looked_up_is_an_error"))
                ck_assert_int_eq(in_child(hide_unknown, NULL), 0);
}
END_TEST

/* Without the stock nothing can be covered: that is an error that names it, not a path left open. */
static int hide_without_stock(void *context)
{
        char secret[128];
        char *patterns[] = { secret, NULL };
        char *path = NULL;
        size_t before;

        (void)context;
        make_tree();
        must_isolate();
        (void)snprintf(secret, sizeof(secret), "%s", at_home("key1"));
        before = count_fds();
        ck_assert_int_eq(mask_paths(patterns, &path), -ENOENT);
        ck_assert_pstr_eq(path, MOUNTS_MASK_DIR);
        free(path);
        ck_assert_uint_eq(count_fds(), before);
        return 0;
}

START_TEST(what_cannot_be_hidden_is_an_error)
{
        if (is_root("what_cannot_be_hidden_is_an_error"))
                ck_assert_int_eq(in_child(hide_without_stock, NULL), 0);
}
END_TEST

/* The masks are the session's own: a host with a shared tree goes on as before. */
static int hide_from_session(void *context)
{
        struct turns turns;
        pid_t pid;

        (void)context;
        turns_make(&turns);
        make_tree();
        ck_assert_int_eq(mount(NULL, home, NULL, MS_SHARED, NULL), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                hide("d", "key1", NULL);
                must_be_hidden("d/key");
                turn_give(turns.to_parent);
                turn_take(turns.to_child);
                _exit(0);
        }
        turn_take(turns.to_parent);
        must_hold("d/key");
        must_hold("key1");
        ck_assert_int_eq(try_open(at_home("d/key"), O_WRONLY), 0);
        turn_give(turns.to_child);
        return wait_for(pid);
}

START_TEST(the_host_sees_no_masks)
{
        if (is_root("the_host_sees_no_masks"))
                ck_assert_int_eq(in_child(hide_from_session, NULL), 0);
}
END_TEST

TEST_MAIN("confine/mask", home_make, home_remove, files_and_directories_are_hidden, targets_of_links_are_hidden,
          bind_mounts_of_it_are_hidden, the_original_of_an_alias_is_hidden, what_covers_an_alias_stays,
          parts_of_an_overlay_are_hidden, covered_mounts_do_not_mislead, patterns_hide_what_they_match,
          patterns_may_overlap, proc_is_left_out, no_patterns_no_masks, what_cannot_be_looked_up_is_an_error,
          what_cannot_be_hidden_is_an_error, the_host_sees_no_masks)
