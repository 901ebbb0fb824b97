/* ctl/kernelfacts.c: the kernel's release, and whether /proc hides processes. */
#include <check.h>
#include <errno.h>

#include "pam_diag/ctl/kernelfacts.h"

START_TEST(releases)
{
        static const struct {
                const char *release;
                int result;
                unsigned major;
                unsigned minor;
        } cases[] = {
                { "6.12.30-amd64", 0, 6, 12 }, { "6.1", 0, 6, 1 },       { "5.19-rc1", 0, 5, 19 },
                { "6", -EINVAL, 0, 0 },        { "", -EINVAL, 0, 0 },    { "six.1", -EINVAL, 0, 0 },
                { "6.x", -EINVAL, 0, 0 },      { "6-1", -EINVAL, 0, 0 },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                unsigned major = 0;
                unsigned minor = 0;

                ck_assert_int_eq(kernelfacts_release(cases[i].release, &major, &minor), cases[i].result);
                ck_assert_uint_eq(major, cases[i].major);
                ck_assert_uint_eq(minor, cases[i].minor);
        }
}
END_TEST

START_TEST(hidden_processes)
{
        static const struct {
                const char *mounts;
                bool hides;
                const char *value;
                long gid;
        } cases[] = {
                { "sysfs /sys sysfs rw 0 0\nproc /proc proc rw,nosuid,relatime 0 0\n", false, "0", -1 },
                { "proc /proc proc rw,hidepid=invisible,gid=27 0 0\n", true, "invisible", 27 },
                { "proc /proc proc rw,gid=0,hidepid=2 0 0", true, "2", 0 },
                { "proc /proc proc rw,hidepid=ptraceable 0 0\n", true, "ptraceable", -1 },
                { "proc /proc proc rw,hidepid=0 0 0\n", false, "0", -1 },
                { "proc /proc proc rw,hidepid=off 0 0\n", false, "off", -1 },
                /* only the mount on top counts, and only /proc itself */
                { "proc /proc proc rw,hidepid=2 0 0\nproc /proc proc rw 0 0\n", false, "0", -1 },
                { "proc /proc proc rw 0 0\nproc /proc proc rw,hidepid=2 0 0\n", true, "2", -1 },
                { "proc /proc proc rw 0 0\nproc /chroot/proc proc rw,hidepid=2 0 0\n", false, "0", -1 },
                { "proc /proc proc rw,nohidepid=2 0 0\n", false, "0", -1 },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct hidepid hidepid = { .gid = -2 };

                ck_assert_int_eq(kernelfacts_hidepid(cases[i].mounts, &hidepid), 0);
                ck_assert_msg(hidepid.hides == cases[i].hides, "case %zu", i);
                ck_assert_str_eq(hidepid.value, cases[i].value);
                ck_assert_int_eq(hidepid.gid, cases[i].gid);
        }
}
END_TEST

START_TEST(no_proc)
{
        struct hidepid hidepid;

        ck_assert_int_eq(kernelfacts_hidepid("systemd-1 /proc/sys/fs/binfmt_misc autofs rw 0 0\n", &hidepid), -ENOENT);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_kernelfacts");
        TCase *tcase = tcase_create("kernelfacts");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, releases);
        tcase_add_test(tcase, hidden_processes);
        tcase_add_test(tcase, no_proc);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
