#include "pam_diag/supervisor/quota.h"

#include <sys/wait.h>

#include "tests/unit/t_policy_fixture.h"

#define MINUTE (INT64_C(60) * 1000 * 1000)

START_TEST(lines_in_a_minute)
{
        int64_t now = 5 * MINUTE;

        for (unsigned i = 0; i < 3; i++)
                ck_assert_int_eq(quota_count(fixture_dir, "a", 3, now + i), 0);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 3, now + 3), -EDQUOT);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 3, now + MINUTE - 1), -EDQUOT);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 3, now + MINUTE), 0);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 3, now + MINUTE), -EDQUOT);
        ck_assert_int_eq(quota_count(fixture_dir, "b", 3, now), 0);
        /* A policy that allows less, or more, counts what is there. */
        ck_assert_int_eq(quota_count(fixture_dir, "a", 1, now + MINUTE), -EDQUOT);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 4, now + MINUTE), 0);
}
END_TEST

START_TEST(times_from_before_a_reboot_do_not_count)
{
        ck_assert_int_eq(quota_count(fixture_dir, "a", 1, 100 * MINUTE), 0);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 1, 5), 0);
        ck_assert_int_eq(quota_count(fixture_dir, "a", 1, 6), -EDQUOT);
}
END_TEST

START_TEST(commands_at_once)
{
        int places[3] = { -1, -1, -1 };

        ck_assert_int_eq(quota_take(fixture_dir, "a", 2, &places[0]), 0);
        ck_assert_int_eq(quota_take(fixture_dir, "a", 2, &places[1]), 0);
        ck_assert_int_eq(quota_take(fixture_dir, "a", 2, &places[2]), -EDQUOT);
        ck_assert_int_eq(places[2], -1);
        places[0] = fd_close(places[0]);
        ck_assert_int_eq(quota_take(fixture_dir, "a", 2, &places[2]), 0);
        /* Neither holds up the counting of lines. */
        ck_assert_int_eq(quota_count(fixture_dir, "a", 1, MINUTE), 0);
        (void)fd_close(places[1]);
        (void)fd_close(places[2]);
}
END_TEST

/* The kernel drops a place with its holder. */
START_TEST(a_killed_holder_leaves_its_place)
{
        int place = -1;
        int status;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (quota_take(fixture_dir, "a", 1, &place) < 0)
                        _exit(1);
                (void)kill(getpid(), SIGKILL);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(quota_take(fixture_dir, "a", 1, &place), 0);
        (void)fd_close(place);
}
END_TEST

/* Many at once: never more than there may be. */
START_TEST(counted_under_contention)
{
        enum { PROCESSES = 8, EACH = 20, RATE = 50 };
        unsigned counted = 0;

        for (unsigned i = 0; i < PROCESSES; i++) {
                if (fork() == 0) {
                        int good = 0;

                        for (unsigned k = 0; k < EACH; k++)
                                good += quota_count(fixture_dir, "a", RATE, MINUTE) == 0;
                        _exit(good);
                }
        }
        for (unsigned i = 0; i < PROCESSES; i++) {
                int status;

                ck_assert_int_gt(wait(&status), 0);
                ck_assert(WIFEXITED(status));
                counted += (unsigned)WEXITSTATUS(status);
        }
        ck_assert_uint_eq(counted, RATE);
}
END_TEST

START_TEST(failures)
{
        int place = -1;

        ck_assert_int_eq(quota_count("/nonexistent", "a", 1, 1), -ENOENT);
        ck_assert_int_eq(quota_take("/nonexistent", "a", 1, &place), -ENOENT);
        ck_assert_int_eq(symlink("/etc/hostname", fixture_path("key-a.quota")), 0);
        ck_assert_int_eq(quota_take(fixture_dir, "a", 1, &place), -ELOOP);
        ck_assert_int_eq(place, -1);
}
END_TEST

FIXTURE_MAIN_DIR("quota", lines_in_a_minute, times_from_before_a_reboot_do_not_count, commands_at_once,
                 a_killed_holder_leaves_its_place, counted_under_contention, failures)
