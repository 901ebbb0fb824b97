/* sql/auditdb.c, create.c, check.c, identity.c: what is opened, what is refused, and in which words. */
#include "tests/unit/sql_help.h"

static void write_file(const char *path, const void *data, size_t length)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, data, length), (ssize_t)length);
        ck_assert_int_eq(close(fd), 0);
}

static void fill(int rows)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        for (int i = 1; i <= rows; i++)
                must_append(db, i);
        auditdb_free(db);
}

START_TEST(makes_private_files)
{
        static const char *const names[] = { "", "-wal", "-shm", "-lock" };
        struct stat info;
        char name[256];

        umask(0);
        fill(1);
        for (size_t i = 0; i < 4; i++) {
                snprintf(name, sizeof(name), "%s%s", db_path, names[i]);
                ck_assert_int_eq(stat(name, &info), 0);
                ck_assert_uint_eq(info.st_mode & 0777, 0600);
        }
        snprintf(name, sizeof(name), "%s.new", db_path);
        ck_assert_int_lt(stat(name, &info), 0);
}
END_TEST

START_TEST(root_makes_files_of_the_directory_owner)
{
        struct stat info;
        char name[256];

        if (geteuid() != 0) {
                fprintf(stderr, "SKIP root_makes_files_of_the_directory_owner: not root\n");
                return;
        }
        ck_assert_int_eq(chown(home, 4242, 4243), 0);
        fill(1);
        for (size_t i = 0; i < 4; i++) {
                snprintf(name, sizeof(name), "%s%s", db_path, (const char *[]){ "", "-wal", "-shm", "-lock" }[i]);
                ck_assert_int_eq(stat(name, &info), 0);
                ck_assert_uint_eq(info.st_uid, 4242);
                ck_assert_uint_eq(info.st_gid, 4243);
        }
}
END_TEST

START_TEST(keeps_rows_and_name_over_a_reopen)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char uuid[AUDITDB_UUID_SIZE];

        strcpy(uuid, auditdb_uuid(db));
        ck_assert_uint_eq(strlen(uuid), 36);
        must_append(db, 1);
        auditdb_free(db);
        db = must_open(AUDITDB_WRITE);
        must_append(db, 2);
        ck_assert_str_eq(auditdb_uuid(db), uuid);
        ck_assert_int_eq(must_verify(db), 2);
        auditdb_free(db);
        db = must_open(AUDITDB_READ);
        ck_assert_str_eq(auditdb_uuid(db), uuid);
        ck_assert_int_eq(append_line(db, 3, "x", 1, NULL), -EROFS);
        auditdb_free(db);
}
END_TEST

START_TEST(works_under_a_relative_path)
{
        struct auditdb *db = NULL;

        ck_assert_int_eq(chdir(home), 0);
        ck_assert_int_eq(auditdb_open("audit.db", AUDITDB_WRITE, &db, &why), 0);
        ck_assert_int_eq(chdir("/"), 0);
        must_append(db, 1);
        auditdb_free(db);
}
END_TEST

START_TEST(refuses_what_is_not_there)
{
        must_refuse(AUDITDB_READ, -ENOENT, "no such file");
        snprintf(db_path, sizeof(db_path), "%s/none/audit.db", home);
        must_refuse(AUDITDB_WRITE, -ENOENT, "no such file or directory");
        must_refuse(AUDITDB_READ, -ENOENT, "no such file or directory");
        snprintf(db_path, sizeof(db_path), "%s", home);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "not a regular file");
}
END_TEST

START_TEST(refuses_garbage)
{
        char garbage[8192];

        for (size_t i = 0; i < sizeof(garbage); i++)
                garbage[i] = (char)(i * 7 + i / 256);
        write_file(db_path, garbage, sizeof(garbage));
        must_refuse(AUDITDB_WRITE, -EBADMSG, "damaged");
        must_refuse(AUDITDB_READ, -EBADMSG, "damaged");
        write_file(db_path, garbage, 0);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "empty");
        must_refuse(AUDITDB_READ, -EBADMSG, "empty");
}
END_TEST

/* A file cut off at any of these lengths, its -wal written back before. */
START_TEST(refuses_a_truncated_file)
{
        static const off_t lengths[] = { 1, 15, 16, 40, 99, 100, 512, 4095, 4096, 8192, 20480 };
        char copy[256];

        fill(50);
        must_shell("PRAGMA wal_checkpoint(TRUNCATE)", NULL);
        snprintf(copy, sizeof(copy), ".backup '%s.copy'", db_path);
        must_shell(copy, NULL);
        snprintf(copy, sizeof(copy), "%s.copy", db_path);
        ck_assert_int_eq(rename(copy, db_path), 0);
        for (size_t i = sizeof(lengths) / sizeof(lengths[0]); i-- > 0;) {
                ck_assert_int_eq(truncate(db_path, lengths[i]), 0);
                must_refuse(AUDITDB_WRITE, -EBADMSG, "put it aside");
                must_refuse(AUDITDB_READ, -EBADMSG, "put it aside");
        }
}
END_TEST

START_TEST(refuses_strangers_and_newer_versions)
{
        fill(1);
        must_shell("PRAGMA application_id = 1", NULL);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "application_id 1");
        must_shell("PRAGMA application_id = 1885628769; PRAGMA user_version = 99", NULL);
        must_refuse(AUDITDB_WRITE, -EPROTO, "newer version");
        must_refuse(AUDITDB_READ, -EPROTO, "newer version");
        must_shell("PRAGMA user_version = 0", NULL);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "number 0");
        must_shell("PRAGMA user_version = 2", NULL);
        auditdb_free(must_open(AUDITDB_WRITE));
        must_shell("DROP TRIGGER meta_no_delete; DELETE FROM meta", NULL);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "lost its name");
}
END_TEST

START_TEST(refuses_a_changed_last_row)
{
        fill(3);
        must_shell("DROP TRIGGER event_no_update; UPDATE event SET rec = replace(rec, 'hosts', 'passwd') WHERE seq = 3",
                   NULL);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "last row, 3,");
        must_refuse(AUDITDB_READ, -EBADMSG, "last row, 3,");
}
END_TEST

START_TEST(refuses_a_missing_tail)
{
        fill(3);
        must_shell("DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = 3", NULL);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "rows were removed");
        must_shell("DELETE FROM event", NULL);
        must_refuse(AUDITDB_READ, -EBADMSG, "rows were removed");
}
END_TEST

START_TEST(refuses_a_wal_without_its_database)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        must_append(db, 1);
        auditdb_free(db);
        ck_assert_int_eq(unlink(db_path), 0);
        must_refuse(AUDITDB_WRITE, -EBADMSG, "-wal is there");
}
END_TEST

START_TEST(clears_the_remains_of_a_creation)
{
        char name[256];

        snprintf(name, sizeof(name), "%s.new", db_path);
        write_file(name, "half", 4);
        snprintf(name, sizeof(name), "%s.new-journal", db_path);
        write_file(name, "half", 4);
        fill(1);
        ck_assert_int_lt(access(name, F_OK), 0);
}
END_TEST

START_TEST(notices_another_file_in_its_place)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char aside[256];
        char wal[256];

        must_append(db, 1);
        snprintf(aside, sizeof(aside), "%s.aside", db_path);
        ck_assert_int_eq(rename(db_path, aside), 0);
        ck_assert_int_eq(append_line(db, 2, "x", 1, NULL), -ESTALE);
        ck_assert_ptr_nonnull(strstr(why.text, "deleted or replaced"));
        write_file(db_path, "other", 5);
        ck_assert_int_eq(append_line(db, 2, "x", 1, NULL), -ESTALE);
        ck_assert_int_eq(rename(aside, db_path), 0);
        must_append(db, 2);
        snprintf(wal, sizeof(wal), "%s-wal", db_path);
        ck_assert_int_eq(unlink(wal), 0);
        ck_assert_int_eq(append_line(db, 3, "x", 1, NULL), -ESTALE);
        ck_assert_ptr_nonnull(strstr(why.text, "-wal"));
        auditdb_free(db);
}
END_TEST

/* Whoever has the old index does not see what is written by the new one, and would write over it. */
START_TEST(notices_another_index_in_its_place)
{
        struct auditdb *db;
        char shm[256];
        int ends[2];
        char byte;
        pid_t pid;

        ck_assert_int_eq(pipe(ends), 0);
        pid = fork(); /* before SQLite knows the file: a child would share what it knows */
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                ck_assert_int_eq(read(ends[0], &byte, 1), 1);
                db = must_open(AUDITDB_WRITE);
                must_append(db, 2);
                must_append(db, 3);
                auditdb_free(db);
                _exit(0);
        }
        db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        snprintf(shm, sizeof(shm), "%s-shm", db_path);
        ck_assert_int_eq(unlink(shm), 0);
        ck_assert_int_eq(write(ends[1], "x", 1), 1);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_int_eq(append_line(db, 4, "x", 1, NULL), -ESTALE);
        ck_assert_ptr_nonnull(strstr(why.text, "-shm"));
        auditdb_free(db);
        db = must_open(AUDITDB_WRITE);
        must_append(db, 4);
        ck_assert_int_eq(must_verify(db), 4);
        auditdb_free(db);
}
END_TEST

START_TEST(refuses_a_read_only_file_system)
{
        if (!mount_tmpfs("size=4m", "refuses_a_read_only_file_system"))
                return;
        fill(1);
        ck_assert_int_eq(mount(NULL, home, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
        must_refuse(AUDITDB_WRITE, -EROFS, "read-only");
        ck_assert_int_eq(mount(NULL, home, NULL, MS_REMOUNT, NULL), 0);
        auditdb_free(must_open(AUDITDB_WRITE));
}
END_TEST

START_TEST(refuses_without_permission)
{
        if (geteuid() != 0) {
                fprintf(stderr, "SKIP refuses_without_permission: not root\n");
                return;
        }
        fill(1);
        ck_assert_int_eq(chmod(home, 0755), 0);
        ck_assert_int_eq(setresuid(4242, 4242, 0), 0);
        must_refuse(AUDITDB_WRITE, -EACCES, "permission denied");
        must_refuse(AUDITDB_READ, -EACCES, "permission denied");
        snprintf(db_path, sizeof(db_path), "%s/new.db", home);
        must_refuse(AUDITDB_WRITE, -EACCES, "permission denied");
        ck_assert_int_eq(setresuid(0, 0, 0), 0); /* for the teardown */
}
END_TEST

/* The owner of the file in a directory that is not writable: no -shm can be made. */
START_TEST(refuses_a_directory_that_is_not_writable)
{
        char name[256];

        if (geteuid() != 0) {
                fprintf(stderr, "SKIP refuses_a_directory_that_is_not_writable: not root\n");
                return;
        }
        fill(1);
        must_shell("PRAGMA wal_checkpoint(TRUNCATE)", NULL);
        snprintf(name, sizeof(name), "%s-lock", db_path);
        ck_assert_int_eq(unlink(name), 0);
        ck_assert_int_eq(chown(db_path, 4242, 4242), 0);
        ck_assert_int_eq(chmod(home, 0555), 0);
        ck_assert_int_eq(setresuid(4242, 4242, 0), 0);
        must_refuse(AUDITDB_WRITE, -EROFS, "directory");
        ck_assert_int_eq(setresuid(0, 0, 0), 0); /* for the teardown */
}
END_TEST

START_TEST(takes_a_restored_copy)
{
        struct auditdb *db;
        char sql[256];

        fill(3);
        snprintf(sql, sizeof(sql), "VACUUM INTO '%s/copy.db'", home);
        must_shell(sql, NULL);
        snprintf(db_path, sizeof(db_path), "%s/copy.db", home);
        auditdb_free(must_open(AUDITDB_READ));
        db = must_open(AUDITDB_WRITE);
        must_append(db, 4);
        ck_assert_int_eq(must_verify(db), 4);
        must_shell("PRAGMA journal_mode", "wal\n");
        auditdb_free(db);
}
END_TEST

/* Sixteen processes find no database and make one: one wins, and nobody fails. */
START_TEST(is_made_once_by_many)
{
        pid_t children[16];

        for (size_t i = 0; i < 16; i++) {
                children[i] = fork();
                if (children[i] == 0) {
                        struct auditdb *db = must_open(AUDITDB_WRITE);

                        must_append(db, 1);
                        auditdb_free(db);
                        _exit(0);
                }
        }
        for (size_t i = 0; i < 16; i++) {
                int status = -1;

                ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
                ck_assert_int_eq(status, 0);
        }
        struct auditdb *db = must_open(AUDITDB_READ);
        ck_assert_int_eq(must_verify(db), 16);
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                makes_private_files,
                root_makes_files_of_the_directory_owner,
                keeps_rows_and_name_over_a_reopen,
                works_under_a_relative_path,
                refuses_what_is_not_there,
                refuses_garbage,
                refuses_a_truncated_file,
                refuses_strangers_and_newer_versions,
                refuses_a_changed_last_row,
                refuses_a_missing_tail,
                refuses_a_wal_without_its_database,
                clears_the_remains_of_a_creation,
                notices_another_file_in_its_place,
                notices_another_index_in_its_place,
                refuses_a_read_only_file_system,
                refuses_without_permission,
                refuses_a_directory_that_is_not_writable,
                takes_a_restored_copy,
                is_made_once_by_many,
        };

        return RUN_SUITE("sql/auditdb", tests);
}
