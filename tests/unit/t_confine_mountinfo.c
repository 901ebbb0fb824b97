/* confine/mountinfo.c */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/mountinfo.h"

#define ROOT "20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"

START_TEST(fields_are_taken_and_unescaped)
{
        cleanup_mountinfo struct mountinfo info = { 0 };

        ck_assert_int_eq(
                mountinfo_parse(ROOT "21 20 0:99 /a\\040b\\134c /mnt/\\011x\\012y\\043 ro shared:1 master:2 - t t rw\n"
                                     "22 20 0:7 /\\04 /\\8\\1234\\ rw - t t rw",
                                &info),
                0);
        ck_assert_uint_eq(info.count, 3);
        ck_assert_uint_eq(info.entries[1].id, 21);
        ck_assert_uint_eq(info.entries[0].device, UINT64_C(8) << 32 | 1);
        ck_assert_str_eq(info.entries[0].root, "/");
        ck_assert_str_eq(info.entries[0].point, "/");
        ck_assert_uint_eq(info.entries[1].device, 99);
        ck_assert_str_eq(info.entries[1].root, "/a b\\c");
        ck_assert_str_eq(info.entries[1].point, "/mnt/\tx\ny#");
        /* What is no whole escape stays as it is. */
        ck_assert_str_eq(info.entries[2].root, "/\\04");
        ck_assert_str_eq(info.entries[2].point, "/\\8S4\\");
}
END_TEST

START_TEST(an_empty_text_has_no_mounts)
{
        struct mountinfo info = { .count = 9 };

        ck_assert_int_eq(mountinfo_parse("", &info), 0);
        ck_assert_uint_eq(info.count, 0);
        mountinfo_free(&info);
}
END_TEST

START_TEST(malformed_lines_are_refused)
{
        static const char *const bad[] = {
                "\n",
                "20\n",
                "20 1 8:1 / /",
                "20 1 8:1 / /\n",
                "20 1 8:1 /\n" ROOT,
                "x 1 8:1 / / rw - t t rw\n",
                "-20 1 8:1 / / rw - t t rw\n",
                "99999999999999999999 1 8:1 / / rw - t t rw\n",
                ROOT "\n",
                ROOT "\n" ROOT,
                ROOT "21 20 0:99",
                "20 1 8 / / rw - t t rw\n",
                "20 1 8: / / rw - t t rw\n",
                "20 1 :1 / / rw - t t rw\n",
                "20 1 8:1:1 / / rw - t t rw\n",
                "20 1 8:4294967296 / / rw - t t rw\n",
                ROOT "21 20 0:99 /sub /mnt\n21 20 0:99 /sub /mnt rw - t t rw\n",
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct mountinfo info = { .count = 4711 };

                ck_assert_msg(mountinfo_parse(bad[i], &info) == -EBADMSG, "%s", bad[i]);
                ck_assert_uint_eq(info.count, 4711);
        }
}
END_TEST

START_TEST(the_real_table_is_read)
{
        cleanup_mountinfo struct mountinfo info = { 0 };
        bool root = false;
        bool proc = false;

        ck_assert_int_eq(mountinfo_load(&info), 0);
        for (size_t i = 0; i < info.count; i++) {
                ck_assert_uint_ne(info.entries[i].device, 0);
                root = root || strcmp(info.entries[i].point, "/") == 0;
                proc = proc || strcmp(info.entries[i].point, "/proc") == 0;
        }
        ck_assert(root && proc);
}
END_TEST

static void must_be_list(const char *what, const char *path, char *const *got, const char *expected)
{
        char joined[1024] = "";

        for (size_t i = 0; got != NULL && got[i] != NULL; i++) {
                strcat(joined, i == 0 ? "" : " ");
                strcat(joined, got[i]);
        }
        ck_assert_msg(strcmp(joined, expected) == 0, "%s of %s: \"%s\" instead of \"%s\"", what, path, joined,
                      expected);
}

/* Both lists as texts, joined by blanks. */
static void must_have(const char *table, uint64_t id, const char *path, const char *aliases, const char *parts)
{
        cleanup_mountinfo struct mountinfo info = { 0 };
        cleanup_strv char **found = NULL;
        cleanup_strv char **found_parts = NULL;

        ck_assert_int_eq(mountinfo_parse(table, &info), 0);
        ck_assert_int_eq(mountinfo_aliases(&info, mountinfo_find(&info, id), path, &found, &found_parts), 0);
        must_be_list("aliases", path, found, aliases);
        must_be_list("parts", path, found_parts, parts);
}

static const char table[] = ROOT "21 20 8:1 /srv/secret /mnt/bind rw - ext4 /dev/sda1 rw\n"
                                 "22 20 8:1 /srv /mnt/parent rw - ext4 /dev/sda1 rw\n"
                                 "23 20 8:1 /srv/secret/deep/token /etc/token rw - ext4 /dev/sda1 rw\n"
                                 "24 20 8:1 / /mnt/all rw - ext4 /dev/sda1 rw\n"
                                 "25 20 8:2 /srv/secret /mnt/other rw - ext4 /dev/sdb1 rw\n"
                                 "26 20 8:1 /srv/secrets /mnt/neighbour rw - ext4 /dev/sda1 rw\n"
                                 "27 20 0:30 / /data rw - tmpfs tmpfs rw\n"
                                 "28 20 0:30 /in /mnt/in rw - tmpfs tmpfs rw\n";

START_TEST(aliases_of_a_directory)
{
        must_have(table, 20, "/srv/secret", "/mnt/bind /mnt/parent/secret /mnt/all/srv/secret", "/etc/token");
        must_have(table, 20, "/srv", "/mnt/parent /mnt/all/srv", "/mnt/bind /etc/token /mnt/neighbour");
        must_have(table, 20, "/srv/secret/deep/token",
                  "/mnt/bind/deep/token /mnt/parent/secret/deep/token /etc/token /mnt/all/srv/secret/deep/token", "");
        must_have(table, 20, "/srv/se", "/mnt/parent/se /mnt/all/srv/se", "");
}
END_TEST

/* A path that leads over a bind mount means the same place, and the place itself is then an alias. */
START_TEST(aliases_of_an_alias)
{
        must_have(table, 21, "/mnt/bind", "/srv/secret /mnt/parent/secret /mnt/all/srv/secret", "/etc/token");
        must_have(table, 22, "/mnt/parent/secret", "/srv/secret /mnt/bind /mnt/all/srv/secret", "/etc/token");
        must_have(table, 23, "/etc/token",
                  "/srv/secret/deep/token /mnt/bind/deep/token /mnt/parent/secret/deep/token "
                  "/mnt/all/srv/secret/deep/token",
                  "");
}
END_TEST

START_TEST(aliases_stay_on_their_device)
{
        must_have(table, 25, "/mnt/other", "", "");
        must_have(table, 25, "/mnt/other/x", "", "");
        must_have(table, 27, "/data", "", "/mnt/in");
        must_have(table, 27, "/data/in", "/mnt/in", "");
        must_have(table, 27, "/data/in/x", "/mnt/in/x", "");
        must_have(table, 27, "/data/inner", "", "");
}
END_TEST

START_TEST(aliases_of_the_root)
{
        must_have(table, 20, "/", "/mnt/all", "/mnt/bind /mnt/parent /etc/token /mnt/neighbour");
        must_have(table, 20, "/etc", "/mnt/all/etc", "");
}
END_TEST

/* Which mount is seen at a path, only the kernel knows: the names alone would lead to the wrong one. */
START_TEST(the_mount_is_known_by_its_id)
{
        const char *stacked = ROOT "21 20 0:30 / /a/b rw - tmpfs one rw\n"
                                   "22 20 0:31 / /a rw - tmpfs two rw\n"
                                   "23 20 0:31 /b /same rw - tmpfs two rw\n"
                                   "24 20 0:30 /x /one rw - tmpfs one rw\n";

        must_have(stacked, 22, "/a/b", "/same", "");
        must_have(stacked, 21, "/a/b/x", "/one", "");
}
END_TEST

START_TEST(names_with_blanks_are_found)
{
        must_have(ROOT "21 20 8:1 /a\\040b /mnt/c\\040d rw - ext4 x rw\n", 20, "/a b/x", "/mnt/c d/x", "");
}
END_TEST

START_TEST(no_mounts_no_aliases)
{
        must_have("", 20, "/etc", "", "");
        must_have(ROOT, 20, "/etc", "", "");
        must_have(table, 99, "/etc", "", "");
}
END_TEST

START_TEST(a_path_must_lie_on_its_mount)
{
        cleanup_mountinfo struct mountinfo info = { 0 };
        const struct mountinfo_entry *own;
        char **aliases = NULL;

        ck_assert_int_eq(mountinfo_parse(table, &info), 0);
        own = mountinfo_find(&info, 27);
        ck_assert_ptr_nonnull(own);
        ck_assert_int_eq(mountinfo_aliases(&info, own, "/etc", &aliases, &aliases), -EBADMSG);
        ck_assert_int_eq(mountinfo_aliases(&info, own, "/database", &aliases, &aliases), -EBADMSG);
        ck_assert_ptr_null(aliases);
}
END_TEST

START_TEST(filesystems_are_told_apart)
{
        cleanup_mountinfo struct mountinfo info = { 0 };

        ck_assert_int_eq(mountinfo_parse(table, &info), 0);
        ck_assert(mountinfo_same_filesystem(&info, 20, 26));
        ck_assert(mountinfo_same_filesystem(&info, 27, 28));
        ck_assert(!mountinfo_same_filesystem(&info, 20, 25));
        ck_assert(!mountinfo_same_filesystem(&info, 20, 99));
        ck_assert(!mountinfo_same_filesystem(&info, 99, 99));
}
END_TEST

TEST_MAIN("confine/mountinfo", NULL, NULL, fields_are_taken_and_unescaped, an_empty_text_has_no_mounts,
          malformed_lines_are_refused, the_real_table_is_read, aliases_of_a_directory, aliases_of_an_alias,
          aliases_stay_on_their_device, aliases_of_the_root, the_mount_is_known_by_its_id, names_with_blanks_are_found,
          no_mounts_no_aliases, a_path_must_lie_on_its_mount, filesystems_are_told_apart)
