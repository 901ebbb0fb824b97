/* confine/listing.c */
#include "tests/unit/t_help.h"

#include <glob.h>
#include <seccomp.h>

#include "pam_diag/confine/listing.h"

static struct listing *listing;
static char failed_at[512];

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
        ck_assert_int_eq(symlink("in", at_home("d/link")), 0);
        listing = listing_new();
        ck_assert_ptr_nonnull(listing);
}

static void teardown(void)
{
        listing_free(listing);
        home_remove();
}

static int note(const char *path, int error)
{
        (void)snprintf(failed_at, sizeof(failed_at), "%s: %s", path, strerror(error));
        return 1;
}

static int compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is found, without the directory before it, in the order of the alphabet. */
static void must_find(const char *pattern, const char *expected)
{
        glob_t found = { 0 };
        char joined[1024] = "";
        int r = listing_glob(listing, at_home(pattern), note, &found);

        ck_assert_int_eq(r, *expected == '\0' ? GLOB_NOMATCH : 0);
        if (found.gl_pathc > 1)
                qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), compare);
        for (size_t i = 0; i < found.gl_pathc; i++) {
                strcat(joined, i == 0 ? "" : " ");
                strcat(joined, found.gl_pathv[i] + strlen(home) + 1);
        }
        ck_assert_msg(strcmp(joined, expected) == 0, "%s: %s", pattern, joined);
        globfree(&found);
}

/* Twice: from the directories, and from what is kept of them. */
START_TEST(patterns_match_as_ever)
{
        for (int i = 0; i < 2; i++) {
                must_find("d/al*", "d/alpha d/alps");
                must_find("d/?e*", "d/beta");
                must_find("d/[b-z]*", "d/beta d/empty d/in d/link d/other");
                must_find("d/.h*", "d/.hidden");
                must_find("d/*hidden", "");
                must_find("d/*/alpha", "d/in/alpha d/link/alpha d/other/alpha");
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

START_TEST(what_cannot_be_read_is_told)
{
        glob_t found = { 0 };

        ck_assert_int_eq(listing_glob(listing, at_home("d/none/*"), note, &found), GLOB_ABORTED);
        ck_assert_ptr_nonnull(strstr(failed_at, "d/none: No such file"));
        globfree(&found);
        ck_assert_int_eq(listing_glob(listing, at_home("d/alpha/*"), NULL, &found), GLOB_NOMATCH);
        globfree(&found);
}
END_TEST

/* Where reading a directory fails: glob(3) alone would take that for its end. */
static int read_badly(void *context)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        glob_t found = { 0 };

        (void)context;
        ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EIO), SCMP_SYS(getdents64), 0), 0);
        ck_assert_int_eq(seccomp_load(filter), 0);
        seccomp_release(filter);
        ck_assert_int_eq(listing_glob(listing, at_home("d/al*"), note, &found), GLOB_ABORTED);
        globfree(&found);
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

        must_find("d/*/alpha", "d/in/alpha d/link/alpha d/other/alpha");
        must_find("d/none*", "");
        ck_assert_uint_eq(count_fds(), before);
        listing_free(NULL);
}
END_TEST

TEST_MAIN("confine/listing", setup, teardown, patterns_match_as_ever, a_directory_is_read_once,
          what_cannot_be_read_is_told, a_directory_that_fails_is_told, a_large_directory_is_read_all_the_same,
          many_directories_are_read_all_the_same, no_descriptor_stays_open)
