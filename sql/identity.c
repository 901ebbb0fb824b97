#include <errno.h>
#include <sys/stat.h>

#include "sql/internal.h"

static int look(const char *path, struct file_id *ret_id)
{
        struct stat info;

        if (stat(path, &info) < 0)
                return -errno;
        *ret_id = (struct file_id){ .device = info.st_dev, .inode = info.st_ino };
        return 0;
}

static bool is_same(const struct file_id *a, const struct file_id *b)
{
        return a->device == b->device && a->inode == b->inode;
}

/* A copy that is only read has none. */
static int look_beside(const struct auditdb *db, const char *path, struct file_id *ret_id, struct auditdb_why *ret_why)
{
        int r = look(path, ret_id);

        if (r == -ENOENT)
                *ret_id = (struct file_id){ 0 };
        return r < 0 && r != -ENOENT ? why_errno(db, ret_why, r, "cannot look at its -wal and -shm files") : 0;
}

/* Called once the first read has opened the WAL. */
int identity_take(struct auditdb *db, struct auditdb_why *ret_why)
{
        int moved = 0;
        int r = look(db->path, &db->id);

        if (r < 0)
                return why_errno(db, ret_why, r, "cannot look at it");
        /* SQLite compares the inode that it has open with the path: between its open and our look nobody came. */
        if (sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0)
                return why_set(ret_why, -ESTALE, "the audit database %s: replaced while it was opened; try again",
                               db->path);
        r = look_beside(db, db->wal_path, &db->wal_id, ret_why);
        return r < 0 ? r : look_beside(db, db->shm_path, &db->shm_id, ret_why);
}

static int check_beside(const struct auditdb *db, const char *path, const struct file_id *id, const char *ending,
                        struct auditdb_why *ret_why)
{
        struct file_id now = { 0 };

        if (id->inode == 0 || (look(path, &now) == 0 && is_same(&now, id)))
                return 0;
        return why_set(ret_why, -ESTALE,
                       "the audit database %s: its %s file was deleted or replaced while it was in use; stop what did "
                       "that and open a new session",
                       db->path, ending);
}

/* What is written to a file that has lost its name is lost with it, so such a file must take no record. The -shm is the index of the -wal:
 * with one that others no longer use, their rows are not seen, and would be written over. */
int identity_check(const struct auditdb *db, struct auditdb_why *ret_why)
{
        struct file_id now = { 0 };
        int r;

        if (look(db->path, &now) < 0 || !is_same(&now, &db->id))
                return why_set(ret_why, -ESTALE,
                               "the audit database %s: deleted or replaced while it was in use; stop what did that, "
                               "put the right file back and open a new session",
                               db->path);
        r = check_beside(db, db->wal_path, &db->wal_id, "-wal", ret_why);
        return r < 0 ? r : check_beside(db, db->shm_path, &db->shm_id, "-shm", ret_why);
}
