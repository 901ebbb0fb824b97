/* base/wild.c: what a pattern matches as this process sees it; over kept directories: t_confine_listing.c. */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"

static void must_match(const char *pattern, char *const *expected)
{
        cleanup_strv char **found = NULL;

        ck_assert_int_eq(wild_matches(pattern, &found), 0);
        ck_assert_msg(strv_length(found) == strv_length(expected), "%s: %zu", pattern, strv_length(found));
        for (size_t i = 0; i < strv_length(expected); i++)
                ck_assert_msg(strv_has(found, expected[i], strlen(expected[i])), "%s: %s", pattern, expected[i]);
}

START_TEST(dots_are_characters_and_the_two_directories_no_matches)
{
        char paths[3][128];
        char *expected[] = { paths[0], paths[1], paths[2], NULL };

        make_directory(at_home("d"));
        make_directory(at_home(".d"));
        make_file(at_home("d/.env"), "", 0600);
        make_file(at_home(".d/a.env"), "", 0600);
        make_file(at_home(".d/.env"), "", 0600);
        (void)snprintf(paths[0], sizeof(paths[0]), "%s/d/.env", home);
        (void)snprintf(paths[1], sizeof(paths[1]), "%s/.d/a.env", home);
        (void)snprintf(paths[2], sizeof(paths[2]), "%s/.d/.env", home);
        must_match(at_home("*/*.env"), expected);
        must_match(at_home("?d/*"), expected + 1);
        expected[1] = NULL;
        must_match(at_home("d/*"), expected);
        must_match(at_home("d/.e[n]v"), expected);
        must_match(at_home("d/\\.env"), expected);
        expected[0] = NULL;
        must_match(at_home("d/*/"), expected); /* no directory */
        must_match(at_home("d/*/*"), expected);
        must_match(at_home("none/*"), expected);
        must_match(at_home("d/[!.]*"), expected);
}
END_TEST

START_TEST(plain_names_are_taken_as_they_are)
{
        char etc[] = "/etc";
        char *expected[] = { etc, NULL };

        must_match("/etc", expected);
        must_match("/et[c]", expected);
        must_match("//et?/", expected);
}
END_TEST

static int match_as_nobody(void *context)
{
        char *none[] = { NULL };

        (void)context;
        ck_assert(setgid(65534) == 0 && setuid(65534) == 0);
        must_match(at_home("*"), none);
        return 0;
}

START_TEST(what_cannot_be_read_has_no_entries)
{
        make_file(at_home("a"), "", 0600);
        ck_assert_int_eq(chmod(home, 0700), 0);
        if (is_root("what_cannot_be_read_has_no_entries"))
                ck_assert_int_eq(in_child(match_as_nobody, NULL), 0);
}
END_TEST

static int give_up(void *context, const char *directory, const struct buf **ret_names)
{
        (void)directory;
        (void)ret_names;
        return *(const int *)context;
}

START_TEST(what_the_list_says_ends_it)
{
        char **found = NULL;
        int error = -EIO;

        ck_assert_int_eq(wild_expand("/a*", give_up, &error, &found), -EIO);
        ck_assert_ptr_null(found);
        error = 0;
        ck_assert_int_eq(wild_expand("/a*", give_up, &error, &found), 0);
        ck_assert_ptr_null(found);
}
END_TEST

START_TEST(many_matches_and_nothing_stays_open)
{
        size_t before = count_fds();
        cleanup_strv char **found = NULL;
        char name[32];

        for (int i = 0; i < 1000; i++) {
                (void)snprintf(name, sizeof(name), "%04d", i);
                make_file(at_home(name), "", 0600);
        }
        ck_assert_int_eq(wild_matches(at_home("0*"), &found), 0);
        ck_assert_uint_eq(strv_length(found), 1000);
        ck_assert_uint_eq(count_fds(), before);
}
END_TEST

TEST_MAIN("base/wild", home_make, home_remove, dots_are_characters_and_the_two_directories_no_matches,
          plain_names_are_taken_as_they_are, what_cannot_be_read_has_no_entries, what_the_list_says_ends_it,
          many_matches_and_nothing_stays_open)
