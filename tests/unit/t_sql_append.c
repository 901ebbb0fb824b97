/* sql/append.c, lock.c: one writer at a time, nothing lost, nothing half. */
#include <time.h>

#include "tests/unit/sql_help.h"

START_TEST(four_writers_leave_no_gap)
{
        enum { WRITERS = 4, ROWS = 100 };
        pid_t children[WRITERS];
        struct auditdb *db;

        auditdb_free(must_open(AUDITDB_WRITE));
        for (int64_t i = 0; i < WRITERS; i++) {
                children[i] = fork();
                if (children[i] == 0) {
                        db = must_open(AUDITDB_WRITE);
                        for (int64_t row = 1; row <= ROWS; row++)
                                must_append(db, i * ROWS + row);
                        auditdb_free(db);
                        _exit(0);
                }
        }
        for (size_t i = 0; i < WRITERS; i++) {
                int status = -1;

                ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
                ck_assert_int_eq(status, 0);
        }
        db = must_open(AUDITDB_READ);
        ck_assert_int_eq(must_verify(db), (int64_t)WRITERS * ROWS);
        auditdb_free(db);
        must_shell("SELECT count(DISTINCT invocation), min(seq), max(seq) FROM event", "400|1|400\n");
}
END_TEST

static int hold_lock(void)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        char name[256];
        int fd;

        snprintf(name, sizeof(name), "%s-lock", db_path);
        fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &whole), 0);
        return fd;
}

START_TEST(a_held_lock_is_busy_after_the_bound)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct timespec before;
        struct timespec after;
        int lock = hold_lock();

        auditdb_set_bound(db, 50);
        clock_gettime(CLOCK_MONOTONIC, &before);
        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -EBUSY);
        clock_gettime(CLOCK_MONOTONIC, &after);
        ck_assert_ptr_nonnull(strstr(why.text, "audit.db-lock"));
        ck_assert_ptr_nonnull(strstr(why.text, "50 ms"));
        /* Not before the bound: a lower limit holds on any machine. */
        ck_assert_int_ge((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000, 49);
        close(lock);
        must_append(db, 1);
        ck_assert_int_eq(must_verify(db), 1);
        auditdb_free(db);
}
END_TEST

START_TEST(a_lock_file_that_was_replaced_is_not_trusted)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char name[256];
        int lock;

        must_append(db, 1);
        snprintf(name, sizeof(name), "%s-lock", db_path);
        ck_assert_int_eq(unlink(name), 0);
        lock = hold_lock();
        auditdb_set_bound(db, 20);
        ck_assert_int_eq(append_line(db, 2, "x", 1, NULL), -EBUSY);
        close(lock);
        must_append(db, 2);
        auditdb_free(db);
}
END_TEST

/* A person in the sqlite3 shell who holds a write transaction. */
START_TEST(a_foreign_transaction_is_busy_after_the_bound)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int ends[2];
        char byte;
        pid_t pid;

        ck_assert_int_eq(pipe(ends), 0);
        pid = fork();
        if (pid == 0) {
                setpgid(0, 0);
                dup2(ends[1], 1);
                execlp("sqlite3", "sqlite3", "-batch", "-cmd", "BEGIN IMMEDIATE", db_path,
                       ".shell echo; exec sleep 600", (char *)NULL);
                _exit(127);
        }
        setpgid(pid, pid);
        ck_assert_int_eq(read(ends[0], &byte, 1), 1);
        auditdb_set_bound(db, 50);
        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -EBUSY);
        ck_assert_ptr_nonnull(strstr(why.text, "another process"));
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
        must_append(db, 1);
        auditdb_free(db);
}
END_TEST

START_TEST(a_full_disk_is_said_and_passes)
{
        struct auditdb *db;
        char name[256];
        int64_t rows = 0;
        int fd;
        int r;

        if (!mount_tmpfs("size=512k", "a_full_disk_is_said_and_passes"))
                return;
        db = must_open(AUDITDB_WRITE);
        must_append(db, ++rows);
        snprintf(name, sizeof(name), "%s/ballast", home);
        fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        while (write(fd, home, sizeof(home)) > 0)
                ;
        close(fd);
        do
                r = append_line(db, rows + 1, "cat", 3, NULL);
        while (r == 0 && rows++ < 1000);
        ck_assert_int_eq(r, -ENOSPC);
        ck_assert_ptr_nonnull(strstr(why.text, "disk is full"));
        ck_assert_int_eq(append_line(db, rows + 1, "cat", 3, NULL), -ENOSPC);
        ck_assert_int_eq(unlink(name), 0);
        must_append(db, ++rows);
        ck_assert_int_eq(must_verify(db), rows);
        auditdb_free(db);
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(must_verify(db), rows);
        auditdb_free(db);
}
END_TEST

START_TEST(a_full_disk_leaves_no_half_database)
{
        if (!mount_tmpfs("size=16k", "a_full_disk_leaves_no_half_database"))
                return;
        must_refuse(AUDITDB_WRITE, -ENOSPC, "disk is full");
        ck_assert_int_lt(access(db_path, F_OK), 0);
        ck_assert_int_eq(mount(NULL, home, NULL, MS_REMOUNT, "size=4m"), 0);
        struct auditdb *db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        auditdb_free(db);
}
END_TEST

START_TEST(only_records_are_stored)
{
        static const char *const wrong[] = {
                "",
                "{",
                "[]",
                "{}",
                "{\"v\":2,\"kind\":\"open\",\"time\":1,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"\",\"time\":1,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"open\",\"time\":0,\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"open\",\"time\":1}",
                "{\"v\":1,\"kind\":\"open\",\"time\":1,\n\"session\":\"" SESSION "\"}",
                "{\"v\":1,\"kind\":\"open\",\"time\":1,\"session\":\"" SESSION "\"} {}",
        };
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char *large = calloc(1, AUDITDB_REC_MOST + 1);

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(auditdb_append(db, wrong[i], strlen(wrong[i]), NULL, &why) == -EINVAL, "%s", wrong[i]);
        ck_assert_int_eq(auditdb_append(db, large, AUDITDB_REC_MOST + 1, NULL, &why), -EMSGSIZE);
        must_append(db, 1);
        ck_assert_int_eq(must_verify(db), 1);
        free(large);
        auditdb_free(db);
}
END_TEST

/* The longest line, every byte of it the worst. */
START_TEST(the_longest_line_fits)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        size_t length = 128 * 1024;
        char *line = malloc(length);

        memset(line, '\x1b', length);
        ck_assert_int_eq(append_line(db, 1, line, length, NULL), 0);
        memset(line, '\xff', length);
        ck_assert_int_eq(append_line(db, 2, line, length, NULL), 0);
        ck_assert_int_eq(must_verify(db), 2);
        free(line);
        auditdb_free(db);
}
END_TEST

static int count_row(void *context, const struct auditdb_row *row)
{
        int64_t *next = context;

        ck_assert_int_eq(row->seq, *next);
        (*next)++;
        return row->seq == 7 ? 1 : 0;
}

START_TEST(rows_come_in_order_and_within_limits)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int64_t next;

        for (int64_t i = 1; i <= 10; i++)
                must_append(db, i);
        next = 3;
        ck_assert_int_eq(auditdb_each(db, 2, 3, count_row, &next, &why), 0);
        ck_assert_int_eq(next, 6);
        ck_assert_int_eq(auditdb_each(db, 5, 100, count_row, &next, &why), 0);
        ck_assert_int_eq(next, 8);
        ck_assert_int_eq(auditdb_last(db, 3, count_row, &next, &why), 0);
        ck_assert_int_eq(next, 11);
        next = 11;
        ck_assert_int_eq(auditdb_each(db, 10, 100, count_row, &next, &why), 0);
        ck_assert_int_eq(next, 11);
        auditdb_free(db);
}
END_TEST

/* A reader that stays open beside a writer sees each committed row at once, and neither stops the other. */
START_TEST(a_reader_follows_a_writer)
{
        struct auditdb *writer = must_open(AUDITDB_WRITE);
        pid_t pid;
        int status = -1;

        must_append(writer, 1);
        pid = fork();
        if (pid == 0) {
                struct auditdb *reader = must_open(AUDITDB_READ);

                ck_assert_int_eq(must_verify(reader), 1);
                auditdb_free(reader);
                _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        must_append(writer, 2);
        ck_assert_int_eq(must_verify(writer), 2);
        auditdb_free(writer);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                four_writers_leave_no_gap,
                a_held_lock_is_busy_after_the_bound,
                a_lock_file_that_was_replaced_is_not_trusted,
                a_foreign_transaction_is_busy_after_the_bound,
                a_full_disk_is_said_and_passes,
                a_full_disk_leaves_no_half_database,
                only_records_are_stored,
                the_longest_line_fits,
                rows_come_in_order_and_within_limits,
                a_reader_follows_a_writer,
        };

        return RUN_SUITE("sql/append", tests);
}
