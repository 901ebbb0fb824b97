#include "sql/auditdb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "sql/embed.h"
#include "sql/internal.h"
#include "sql/lock.h"
#include "sql/migrate.h"

int auditdb_prepare(struct auditdb *db, const char *text, sqlite3_stmt **statement, struct auditdb_why *ret_why)
{
        int code;

        if (*statement != NULL)
                return 0;
        code = sqlite3_prepare_v3(db->sql, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
        return code == SQLITE_OK ? 0 : why_sqlite(db, ret_why, code, "cannot read it");
}

int auditdb_integer(struct auditdb *db, const char *text, int64_t *ret_value, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r;

        r = auditdb_prepare(db, text, &statement, ret_why);
        if (r < 0)
                return r;
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read it");
        *ret_value = sqlite3_column_int64(statement, 0);
        return 0;
}

int auditdb_execute(struct auditdb *db, const char *text, struct auditdb_why *ret_why)
{
        int code = sqlite3_exec(db->sql, text, NULL, NULL, NULL);

        return code == SQLITE_OK ? 0 : why_sqlite(db, ret_why, code, "cannot set it up");
}

/* Nothing in the file may make this process do more than read and append: no functions from a schema, no writing to
 * internal tables, no attached files, no checkpoint outside of the outer lock. */
static int harden(struct auditdb *db, struct auditdb_why *ret_why)
{
        static const char settings[] =
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                "PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 1000;"
                "PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -1024";
        int persist = 1;

        (void)sqlite3_extended_result_codes(db->sql, 1);
        (void)sqlite3_busy_timeout(db->sql, (int)db->bound_ms);
        (void)sqlite3_limit(db->sql, SQLITE_LIMIT_ATTACHED, 0);
        (void)sqlite3_limit(db->sql, SQLITE_LIMIT_LENGTH, 4 * AUDITDB_REC_MOST);
        (void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        (void)sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
        return auditdb_execute(db, settings, ret_why);
}

/* No process of this project has threads: SQLite's mutexes and its counters of memory cost a tenth of an export. Has an
 * effect before SQLite's first use only; later it is refused, and harmless. */
static void configure_library(void)
{
        (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int auditdb_connect(struct auditdb *db, const char *path, int flags, struct auditdb_why *ret_why)
{
        int code;

        configure_library();
        code = sqlite3_open_v2(path, &db->sql, flags | SQLITE_OPEN_NOMUTEX, NULL);

        if (code != SQLITE_OK)
                return why_sqlite(db, ret_why, code, "cannot open it");
        return harden(db, ret_why);
}

static int check_file(const struct auditdb *db, struct auditdb_why *ret_why)
{
        struct stat info;

        if (stat(db->path, &info) < 0)
                return why_errno(db, ret_why, -errno, "cannot open it");
        if (!S_ISREG(info.st_mode))
                return why_damaged(db, ret_why, "not a regular file");
        /* Ours are made whole under another name, so an empty one is what is left of something. */
        if (info.st_size == 0)
                return why_damaged(db, ret_why, "the file is empty: it was cut off, or made by another program");
        if (access(db->path, db->mode == AUDITDB_WRITE ? R_OK | W_OK : R_OK) < 0)
                return why_errno(db, ret_why, -errno, "cannot open it");
        return 0;
}

static int upgrade(struct auditdb *db, struct auditdb_why *ret_why)
{
        int code;
        int r;

        if (db->mode != AUDITDB_WRITE)
                return why_set(ret_why, -EPROTO,
                               "the audit database %s: made by an older version of pam_diag; open one session, which "
                               "brings it up to date",
                               db->path);
        r = lock_take(db, ret_why);
        if (r < 0)
                return r;
        code = migrate_run(db->sql, migrate_steps, migrate_step_count, sql_views);
        lock_drop(db);
        return code == SQLITE_OK ? 0 : why_sqlite(db, ret_why, code, "cannot bring it up to date");
}

/* A copy made by VACUUM INTO and put in place is not in WAL mode. */
static int ensure_wal(struct auditdb *db, struct auditdb_why *ret_why)
{
        int64_t is_wal = 0;
        int r;

        r = auditdb_integer(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, ret_why);
        if (r < 0 || is_wal != 0)
                return r;
        r = lock_take(db, ret_why);
        if (r < 0)
                return r;
        r = auditdb_execute(db, "PRAGMA journal_mode = WAL", ret_why);
        lock_drop(db);
        if (r < 0)
                return r;
        r = auditdb_integer(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, ret_why);
        if (r == 0 && is_wal == 0)
                return why_set(ret_why, -EIO,
                               "the audit database %s: its file system has no shared memory, which the write-ahead log "
                               "needs; put it on a local disk",
                               db->path);
        return r;
}

/* SQLite opens a file without write permission read-only by itself; found out now and not at the first record. */
static int ensure_writable(struct auditdb *db, struct auditdb_why *ret_why)
{
        int code;

        if (sqlite3_db_readonly(db->sql, "main") != 0)
                return why_errno(db, ret_why, -EROFS, "cannot open it for writing");
        code = sqlite3_exec(db->sql, "BEGIN; SELECT seq FROM event LIMIT 1; COMMIT", NULL, NULL, NULL);
        return code == SQLITE_OK ? 0 : why_sqlite(db, ret_why, code, "cannot open its write-ahead log");
}

static int open_existing(struct auditdb *db, struct auditdb_why *ret_why)
{
        bool writes = db->mode == AUDITDB_WRITE;
        int version = 0;
        int r;

        r = check_file(db, ret_why);
        if (r < 0)
                return r;
        r = auditdb_connect(db, db->path, writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, ret_why);
        if (r < 0)
                return r;
        r = auditdb_check_header(db, &version, ret_why);
        if (r == 0 && version < AUDITDB_VERSION)
                r = upgrade(db, ret_why);
        if (r == 0 && writes)
                r = ensure_wal(db, ret_why);
        if (r == 0 && writes)
                r = ensure_writable(db, ret_why);
        if (r == 0 && !writes)
                r = auditdb_execute(db, "PRAGMA query_only = ON", ret_why);
        if (r == 0)
                r = auditdb_check_content(db, ret_why);
        if (r == 0)
                r = identity_take(db, ret_why);
        return r;
}

static int name_files(struct auditdb *db, const char *path)
{
        cleanup_free char *here = NULL;
        int n;

        if (path[0] == '/') {
                db->path = strdup(path);
                n = db->path != NULL ? 0 : -1;
        } else {
                here = getcwd(NULL, 0);
                if (here == NULL)
                        return errno == ENOENT ? -ENOENT : -ENOMEM;
                n = asprintf(&db->path, "%s/%s", here, path);
        }
        if (n < 0 || asprintf(&db->wal_path, "%s-wal", db->path) < 0 ||
            asprintf(&db->shm_path, "%s-shm", db->path) < 0 || asprintf(&db->lock_path, "%s-lock", db->path) < 0 ||
            asprintf(&db->key_path, "%s-key", db->path) < 0 || asprintf(&db->sign_path, "%s-sign", db->path) < 0)
                return -ENOMEM;
        return 0;
}

int auditdb_open(const char *path, enum auditdb_mode mode, struct auditdb **ret_db, struct auditdb_why *ret_why)
{
        cleanup_auditdb struct auditdb *db = calloc(1, sizeof(*db));
        int r;

        if (db == NULL)
                return why_set(ret_why, -ENOMEM, "the audit database %s: out of memory", path);
        db->mode = mode;
        db->lock_fd = -1;
        db->key_fd = -1;
        db->bound_ms = AUDITDB_BOUND_MS;
        r = name_files(db, path);
        if (r < 0)
                return why_set(ret_why, r, "the audit database %s: %s", path, strerror(-r));
        if (mode == AUDITDB_WRITE && access(db->path, F_OK) < 0 && errno == ENOENT) {
                r = auditdb_create(db, ret_why);
                if (r < 0)
                        return r;
        }
        r = open_existing(db, ret_why);
        if (r < 0)
                return r;
        *ret_db = take_ptr(&db);
        return 0;
}

void auditdb_free(struct auditdb *db)
{
        if (db == NULL)
                return;
        (void)sqlite3_finalize(db->insert);
        (void)sqlite3_finalize(db->valid);
        (void)sqlite3_finalize(db->tail);
        (void)sqlite3_finalize(db->range);
        (void)sqlite3_finalize(db->anchor);
        export_free(db->export);
        /* Fails only while a statement is left, and those are finalized. */
        (void)sqlite3_close(db->sql);
        (void)fd_close(db->lock_fd);
        (void)fd_close(db->key_fd);
        free(db->path);
        free(db->wal_path);
        free(db->shm_path);
        free(db->lock_path);
        free(db->key_path);
        free(db->sign_path);
        free(db);
}

const char *auditdb_uuid(const struct auditdb *db)
{
        return db->uuid;
}

void auditdb_set_bound(struct auditdb *db, unsigned milliseconds)
{
        db->bound_ms = milliseconds;
        (void)sqlite3_busy_timeout(db->sql, (int)milliseconds);
}

void auditdb_set_cache(struct auditdb *db, unsigned kibibytes)
{
        char text[64];

        (void)snprintf(text, sizeof(text), "PRAGMA cache_size = -%u", kibibytes);
        (void)sqlite3_exec(db->sql, text, NULL, NULL, NULL); /* without it, it only takes more */
}
