/* ctl/follow.c: what is written is noticed, and an output that nobody reads. */
#include "pam_diag/ctl/follow.h"

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "tests/unit/sql_help.h"

START_TEST(a_commit_is_noticed_once)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        cleanup_fd int output = open("/dev/null", O_WRONLY | O_CLOEXEC);
        cleanup_fd int watch = -1;
        char event;

        must_append(db, 1);
        ck_assert_int_eq(follow_open(db_path, &watch), 0);
        ck_assert_int_eq(read(watch, &event, 1), -1); /* nothing yet */
        ck_assert_int_eq(errno, EAGAIN);
        must_append(db, 2);
        must_append(db, 3);
        ck_assert_int_eq(follow_wait(watch, output), 0);
        ck_assert_int_eq(read(watch, &event, 1), -1); /* the burst was taken at once */
        ck_assert_int_eq(errno, EAGAIN);
        auditdb_free(db);
}
END_TEST

START_TEST(reading_is_no_writing)
{
        struct auditdb *writer = must_open(AUDITDB_WRITE);
        struct auditdb *reader;
        cleanup_fd int watch = -1;
        char event;

        must_append(writer, 1);
        ck_assert_int_eq(follow_open(db_path, &watch), 0);
        reader = must_open(AUDITDB_READ);
        (void)must_verify(reader);
        ck_assert_int_eq(read(watch, &event, 1), -1);
        ck_assert_int_eq(errno, EAGAIN);
        auditdb_free(reader);
        auditdb_free(writer);
}
END_TEST

START_TEST(nobody_reads)
{
        cleanup_fd int watch = -1;
        cleanup_fd int in = -1;
        cleanup_fd int out = -1;

        ck_assert_int_eq(fd_pipe(&in, &out), 0);
        ck_assert_int_eq(follow_open(db_path, &watch), 0);
        in = fd_close(in);
        ck_assert_int_eq(follow_wait(watch, out), -EPIPE);
}
END_TEST

START_TEST(no_such_directory)
{
        int watch = -7;

        ck_assert_int_eq(follow_open("/nowhere/audit.db", &watch), -ENOENT);
        ck_assert_int_eq(watch, -7);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { a_commit_is_noticed_once, reading_is_no_writing, nobody_reads,
                                       no_such_directory };

        return RUN_SUITE("ctl_follow", tests);
}
