/* confine/listing.c */
#include "tests/unit/t_help.h"

#include <seccomp.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/listing.h"

static struct listing *listing;

static void setup(void)
{
        static const char *const files[] = { "d/alpha",    "d/alps",        "d/beta", "d/.hidden",
                                             "d/in/alpha", "d/other/alpha", NULL };

        home_make();
        make_directory(at_home("d"));
        make_directory(at_home("d/in"));
        make_directory(at_home("d/other"));
        make_directory(at_home("d/empty"));
        for (size_t i = 0; files[i] != NULL; i++)
                make_file(at_home(files[i]), "", 0644);
        make_directory(at_home("d/.dots"));
        make_file(at_home("d/.dots/alpha"), "", 0644);
        ck_assert_int_eq(symlink("in", at_home("d/link")), 0);
        listing = listing_new();
        ck_assert_ptr_nonnull(listing);
}

static void teardown(void)
{
        listing_free(listing);
        home_remove();
}

static int compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is found, without the directory before it, in the order of the alphabet. */
static void must_find(const char *pattern, const char *expected)
{
        cleanup_strv char **found = NULL;
        char joined[1024] = "";

        ck_assert_int_eq(listing_expand(listing, at_home(pattern), &found), 0);
        if (found != NULL)
                qsort(found, strv_length(found), sizeof(char *), compare);
        for (size_t i = 0; found != NULL && found[i] != NULL; i++) {
                strcat(joined, i == 0 ? "" : " ");
                strcat(joined, found[i] + strlen(home) + 1);
        }
        ck_assert_msg(strcmp(joined, expected) == 0, "%s: %s", pattern, joined);
}

/* Twice: from the directories, and from what is kept of them. */
START_TEST(patterns_match_as_ever)
{
        for (int i = 0; i < 2; i++) {
                must_find("d/al*", "d/alpha d/alps");
                must_find("d/?e*", "d/beta");
                must_find("d/[b-z]*", "d/beta d/empty d/in d/link d/other");
                must_find("d/.h*", "d/.hidden");
                must_find("d/*hidden", "d/.hidden");
                must_find("d/?h*", "d/.hidden");
                must_find("d/[.]*", "d/.dots d/.hidden");
                must_find("d/*", "d/.dots d/.hidden d/alpha d/alps d/beta d/empty d/in d/link d/other");
                /* Whether the last name is there is not looked for. */
                must_find("d/[io]*/alpha", "d/in/alpha d/other/alpha");
                must_find("d/*/alpha*", "d/.dots/alpha d/in/alpha d/link/alpha d/other/alpha");
                must_find("*/in/al*", "d/in/alpha");
                must_find("d/empty/*", "");
                must_find("d/\\alpha", "d/alpha");
        }
}
END_TEST

START_TEST(a_directory_is_read_once)
{
        must_find("d/be*", "d/beta");
        make_file(at_home("d/alpine"), "", 0644);
        must_find("d/al*", "d/alpha d/alps");
        listing_free(listing);
        listing = listing_new();
        must_find("d/al*", "d/alpha d/alpine d/alps");
}
END_TEST

static int read_closed(void *context)
{
        cleanup_strv char **found = NULL;

        (void)context;
        ck_assert(setgid(65534) == 0 && setuid(65534) == 0);
        ck_assert_int_eq(listing_expand(listing, at_home("closed/*"), &found), -EACCES);
        ck_assert_ptr_null(found);
        return 0;
}

START_TEST(what_is_not_there_hides_nothing_and_what_is_closed_may)
{
        must_find("d/none/*", "");
        must_find("d/alpha/*", "");
        make_directory(at_home("closed"));
        ck_assert_int_eq(chmod(at_home("closed"), 0700), 0);
        ck_assert_int_eq(chmod(home, 0755), 0);
        if (is_root("what_is_not_there_hides_nothing_and_what_is_closed_may"))
                ck_assert_int_eq(in_child(read_closed, NULL), 0);
}
END_TEST

/* Where reading a directory fails: readdir(3) alone would take that for its end. */
static int read_badly(void *context)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        cleanup_strv char **found = NULL;

        (void)context;
        ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EIO), SCMP_SYS(getdents64), 0), 0);
        ck_assert_int_eq(seccomp_load(filter), 0);
        seccomp_release(filter);
        ck_assert_int_eq(listing_expand(listing, at_home("d/al*"), &found), -EIO);
        return 0;
}

START_TEST(a_directory_that_fails_is_told)
{
        ck_assert_int_eq(in_child(read_badly, NULL), 0);
}
END_TEST

/* More names than are kept. */
START_TEST(a_large_directory_is_read_all_the_same)
{
        char name[256];

        make_directory(at_home("large"));
        for (int i = 0; i < 1300; i++) {
                (void)snprintf(name, sizeof(name), "large/%0200d", i);
                make_file(at_home(name), "", 0600);
        }
        make_file(at_home("large/last"), "", 0600);
        for (int i = 0; i < 2; i++)
                must_find("large/[a-z]*", "large/last");
        make_file(at_home("large/new"), "", 0600);
        must_find("large/[a-z]*", "large/last large/new");
}
END_TEST

/* More directories than are kept. */
START_TEST(many_directories_are_read_all_the_same)
{
        char name[64];

        make_directory(at_home("many"));
        for (int i = 0; i < 200; i++) {
                (void)snprintf(name, sizeof(name), "many/%03d", i);
                make_directory(at_home(name));
                (void)snprintf(name, sizeof(name), "many/%03d/file-%03d", i, i);
                make_file(at_home(name), "", 0600);
        }
        for (int i = 0; i < 2; i++)
                must_find("many/*/*-1[39]9", "many/139/file-139 many/199/file-199");
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
        size_t before = count_fds();

        must_find("d/*/alpha*", "d/.dots/alpha d/in/alpha d/link/alpha d/other/alpha");
        must_find("d/none*", "");
        ck_assert_uint_eq(count_fds(), before);
        listing_free(NULL);
}
END_TEST

TEST_MAIN("confine/listing", setup, teardown, patterns_match_as_ever, a_directory_is_read_once,
          what_is_not_there_hides_nothing_and_what_is_closed_may, a_directory_that_fails_is_told,
          a_large_directory_is_read_all_the_same, many_directories_are_read_all_the_same, no_descriptor_stays_open)
