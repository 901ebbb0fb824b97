/* prober/tree.c: one mount table after the other. */
#include <check.h>
#include <errno.h>

#include "pam_diag/prober/tree.h"

#define ROOT "1 0 8:1 / / ro,nosuid,relatime - ext4 /dev/sda1 rw\n"
#define PTS "2 1 0:9 / /dev/pts rw,nosuid,noexec - devpts devpts rw,mode=620\n"
#define UTMP "3 1 0:7 /utmp /run/utmp rw,nosuid,nodev,noexec - tmpfs run rw\n"

static void must_find(const char *text, size_t mounts, const char *place, const char *fault)
{
        cleanup_tree struct tree tree = { 0 };

        ck_assert_msg(tree_check(text, &tree) == 0, "%s", text);
        ck_assert_uint_eq(tree.mounts, mounts);
        if (place == NULL) {
                ck_assert_msg(tree.place == NULL, "%s is %s", tree.place, tree.fault);
                return;
        }
        ck_assert_msg(tree.place != NULL, "%s", text);
        ck_assert_str_eq(tree.place, place);
        ck_assert_str_eq(tree.fault, fault);
}

START_TEST(a_sealed_tree)
{
        must_find(ROOT, 1, NULL, NULL);
        must_find(ROOT PTS UTMP, 3, NULL, NULL);
}
END_TEST

/* Only the mount's own options count, not those of its filesystem behind the dash. */
START_TEST(what_is_wrong)
{
        must_find(ROOT "4 1 8:2 / /srv rw,nosuid - ext4 /dev/sdb ro,nosuid\n", 2, "/srv", "writable");
        must_find(ROOT "4 1 8:2 / /srv ro,nodev - ext4 /dev/sdb rw,nosuid\n", 2, "/srv", "not nosuid");
        must_find(ROOT "4 1 8:2 / /a\\040b ro,nosuid shared:5 - ext4 /dev/sdb rw\n" PTS, 3, "/a\\040b", "not private");
        must_find(ROOT "4 1 8:2 / /srv ro,nosuid master:5 propagate_from:2 - ext4 /dev/sdb rw\n", 2, "/srv",
                  "not private");
        must_find("2 1 0:9 / /dev/pts rw,noexec - devpts devpts rw\n", 1, "/dev/pts", "not nosuid");
        must_find(ROOT "4 1 8:2 / /dev/pts2 rw,nosuid - ext4 /dev/sdb rw\n", 2, "/dev/pts2", "writable");
        must_find(ROOT "4 1 8:2 / /x norofs,nosuid,errors=ro - ext4 /dev/sdb rw\n", 2, "/x", "writable");
        must_find(ROOT "4 1 8:2 / /one rw,nosuid - a b c\n5 1 8:2 / /two rw,nosuid - a b c\n", 3, "/one", "writable");
}
END_TEST

START_TEST(what_cannot_be_read)
{
        static const char *const texts[] = { "",
                                             "\n\n",
                                             "1 0 8:1 / /\n",
                                             ROOT "4 1 8:2 / /srv ro,nosuid\n",
                                             ROOT "4 1 8:2 / /srv ro,nosuid shared:1\n",
                                             "garbage\n" };
        struct tree tree = { 0 };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                ck_assert_msg(tree_check(texts[i], &tree) == -EBADMSG, "%s", texts[i]);
        ck_assert_ptr_null(tree.place);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("prober_tree");
        TCase *tcase = tcase_create("tree");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, a_sealed_tree);
        tcase_add_test(tcase, what_is_wrong);
        tcase_add_test(tcase, what_cannot_be_read);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
