/* sql/lock.c, as its users use it: the database file itself is written under the outer lock only, so also by checkpoints. */
#include <sqlite3.h>

#include "sql/prune.h"
#include "tests/unit/sql_help.h"

/* SQLite's own way to the files, with our eye on it. In WAL mode nothing but a checkpoint writes the database file. */
static sqlite3_vfs watching;
static sqlite3_io_methods watched;
static const sqlite3_io_methods *real;
static unsigned writes;
static unsigned unlocked;

/* There is one process and one connection at a time: who holds it is whoever writes. */
static bool is_locked(void)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        char name[256];
        int fd;

        snprintf(name, sizeof(name), "%s-lock", db_path);
        fd = open(name, O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return false;
        ck_assert_int_eq(fcntl(fd, F_OFD_GETLK, &whole), 0);
        close(fd);
        return whole.l_type != F_UNLCK;
}

static void count(void)
{
        writes++;
        unlocked += !is_locked();
}

static int watch_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
        count();
        return real->xWrite(file, bytes, length, at);
}

static int watch_truncate(sqlite3_file *file, sqlite3_int64 length)
{
        count();
        return real->xTruncate(file, length);
}

static int watch_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
        sqlite3_vfs *below = vfs->pAppData;
        int code = below->xOpen(below, name, file, flags, ret_flags);

        if (code != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0)
                return code;
        real = file->pMethods;
        watched = *real;
        watched.xWrite = watch_write;
        watched.xTruncate = watch_truncate;
        file->pMethods = &watched;
        return code;
}

static void watch(void)
{
        sqlite3_vfs *below = sqlite3_vfs_find(NULL);

        watching = *below;
        watching.zName = "watching";
        watching.pAppData = below;
        watching.xOpen = watch_open;
        ck_assert_int_eq(sqlite3_vfs_register(&watching, 1), SQLITE_OK);
}

/* Rows until a checkpoint has come with one of them. */
static void must_append_until_written(struct auditdb *db)
{
        unsigned before = writes;

        for (int64_t i = 1; writes == before; i++) {
                ck_assert_int_lt(i, 5000);
                must_append(db, i);
        }
}

START_TEST(checkpoints_are_under_the_lock)
{
        struct auditdb *db;

        watch();
        db = must_open(AUDITDB_WRITE);
        ck_assert_uint_gt(writes, 0); /* it was made */
        must_append_until_written(db);
        must_append_until_written(db);
        ck_assert_uint_eq(unlocked, 0);
        auditdb_free(db);
}
END_TEST

START_TEST(pruning_is_under_the_lock)
{
        struct prune prune = { .size_most = 1, .through = INT64_MAX, .chunk = 5, .auid = -1 };
        struct prune_result result = { 0 };
        unsigned before;
        struct auditdb *db;

        watch();
        db = must_open(AUDITDB_WRITE);
        for (int64_t i = 1; i <= 700; i++)
                must_append(db, i);
        before = writes;
        ck_assert_msg(auditdb_prune(db, &prune, &result, &why) == 0, "%s", why.text);
        ck_assert_uint_gt(writes, before);
        ck_assert_uint_eq(unlocked, 0);
        auditdb_free(db);
}
END_TEST

/* The last one that closes a database has it written back, if SQLite is not told otherwise. */
START_TEST(a_close_writes_nothing_back)
{
        struct stat info;
        char wal[256];
        unsigned before;
        struct auditdb *db;

        watch();
        db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        before = writes;
        auditdb_free(db);
        auditdb_free(must_open(AUDITDB_READ));
        auditdb_free(must_open(AUDITDB_WRITE));
        ck_assert_uint_eq(writes, before);
        snprintf(wal, sizeof(wal), "%s-wal", db_path);
        ck_assert_int_eq(stat(wal, &info), 0);
        ck_assert_int_gt(info.st_size, 0);
}
END_TEST

START_TEST(older_and_restored_files_are_changed_under_the_lock)
{
        char command[1024];
        struct auditdb *db;

        watch();
        snprintf(command, sizeof(command), "cp tests/sql/version-1.db %s && chmod 0600 %s", db_path, db_path);
        ck_assert_int_eq(system(command), 0);
        must_shell("PRAGMA journal_mode = DELETE", "delete\n"); /* its changes then go to the file at once */
        db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        auditdb_free(db);
        ck_assert_uint_gt(writes, 0);
        ck_assert_uint_eq(unlocked, 0);
        snprintf(command, sizeof(command), "VACUUM INTO '%s/copy.db'", home);
        must_shell(command, NULL);
        snprintf(db_path, sizeof(db_path), "%s/copy.db", home);
        writes = 0;
        auditdb_free(must_open(AUDITDB_WRITE)); /* it is put into WAL mode */
        ck_assert_uint_gt(writes, 0);
        ck_assert_uint_eq(unlocked, 0);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { checkpoints_are_under_the_lock, pruning_is_under_the_lock,
                                       a_close_writes_nothing_back,
                                       older_and_restored_files_are_changed_under_the_lock };

        return RUN_SUITE("sql/lock", tests);
}
