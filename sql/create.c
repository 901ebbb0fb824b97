#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "sql/embed.h"
#include "sql/internal.h"
#include "sql/lock.h"
#include "sql/migrate.h"
#include "sql/owner.h"

/* Version 4, variant 1 (RFC 9562). */
static int make_uuid(char text[AUDITDB_UUID_SIZE])
{
        unsigned char b[16];

        if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
                return -EIO;
        b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
        b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
        (void)snprintf(text, AUDITDB_UUID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                       b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                       b[15]);
        return 0;
}

static int fill(struct auditdb *db, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *insert = NULL;
        char uuid[AUDITDB_UUID_SIZE];
        int code;
        int r;

        code = migrate_run(db->sql, migrate_steps, migrate_step_count, sql_views);
        if (code != SQLITE_OK)
                return why_sqlite(db, ret_why, code, "cannot make the tables");
        r = make_uuid(uuid);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot draw random bytes for its name");
        r = auditdb_prepare(db, "INSERT INTO meta (name, value) VALUES ('uuid', ?1)", &insert, ret_why);
        if (r < 0)
                return r;
        (void)sqlite3_bind_text(insert, 1, uuid, -1, SQLITE_STATIC);
        code = sqlite3_step(insert);
        if (code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot name it");
        (void)sqlite3_reset(insert);
        return auditdb_execute(db, "PRAGMA journal_mode = WAL", ret_why);
}

/* The last close writes the temporary WAL back and removes it: one whole file is left to be renamed. */
static int close_whole(struct auditdb *db, struct auditdb_why *ret_why)
{
        int off = 0;
        int code;

        (void)sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_PERSIST_WAL, &off);
        (void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
        code = sqlite3_close(db->sql);
        if (code != SQLITE_OK)
                return why_sqlite(db, ret_why, code, "cannot finish making it");
        db->sql = NULL;
        return 0;
}

static int make_file(struct auditdb *db, const char *path, struct auditdb_why *ret_why)
{
        cleanup_fd int fd = -1;
        int r;

        /* 0600 from its first moment; SQLite gives -wal and -shm the same mode and owner. */
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        r = fd < 0 ? -errno : owner_of_directory(fd, path);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot create it");
        fd_close_at(&fd); /* before SQLite opens it: closing later would drop its locks */
        r = auditdb_connect(db, path, SQLITE_OPEN_READWRITE, ret_why);
        if (r == 0)
                r = fill(db, ret_why);
        if (r == 0)
                r = close_whole(db, ret_why);
        (void)sqlite3_close(db->sql);
        db->sql = NULL;
        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return why_errno(db, ret_why, -errno, "cannot flush it");
        return 0;
}

static void remove_remains(const char *path)
{
        static const char *const endings[] = { "", "-journal", "-wal", "-shm" };

        for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
                cleanup_free char *name = NULL;

                if (asprintf(&name, "%s%s", path, endings[i]) >= 0)
                        (void)unlink(name);
        }
}

/* A WAL without its database: a new database would take it for its own, and records may be in it. A key without its database
 * has seen rows. */
static int check_orphan(const struct auditdb *db, const char *path, struct auditdb_why *ret_why)
{
        struct stat info;

        if (stat(path, &info) < 0)
                return errno == ENOENT ? 0 : why_errno(db, ret_why, -errno, "cannot look at what is beside it");
        return why_set(
                ret_why, -EBADMSG,
                "the audit database %s is gone but %s is there; put the database back, or move both away to start "
                "a new one; no session is opened until then",
                db->path, path);
}

static int create_locked(struct auditdb *db, struct auditdb_why *ret_why)
{
        cleanup_free char *path = NULL;
        int r;

        if (access(db->path, F_OK) == 0)
                return 0;
        r = check_orphan(db, db->wal_path, ret_why);
        if (r == 0)
                r = check_orphan(db, db->key_path, ret_why);
        if (r < 0)
                return r;
        if (asprintf(&path, "%s.new", db->path) < 0)
                return why_errno(db, ret_why, -ENOMEM, "cannot create it");
        remove_remains(path); /* of a process that died here; nobody else is at it, by the lock */
        r = make_file(db, path, ret_why);
        if (r == 0 && renameat2(AT_FDCWD, path, AT_FDCWD, db->path, RENAME_NOREPLACE) < 0)
                r = why_errno(db, ret_why, -errno, "cannot put it in its place");
        if (r < 0) {
                remove_remains(path);
                return r;
        }
        r = owner_sync_directory(db->path);
        return r < 0 ? why_errno(db, ret_why, r, "cannot flush its directory") : 0;
}

int auditdb_create(struct auditdb *db, struct auditdb_why *ret_why)
{
        int r = lock_take(db, ret_why);

        if (r < 0)
                return r;
        r = create_locked(db, ret_why);
        lock_drop(db);
        return r;
}
