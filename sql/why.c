#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sql/internal.h"

/* What a person can do about an error; the first half of each says it in plain words. */
static const struct {
        int error;
        const char *text;
} remedies[] = {
        { ENOENT, "no such file or directory; the directory is made by the installation" },
        { EACCES, "permission denied; the file and its directory must belong to the user of the auditor" },
        { EPERM, "permission denied; the file and its directory must belong to the user of the auditor" },
        { EROFS, "it is read-only; the database and its directory must be writable" },
        { ENOSPC, "the disk is full; free space or prune" },
        { EDQUOT, "the quota is used up; free space or prune" },
        { EBADMSG, "not an audit database, or damaged; put it aside for inspection and restore a copy" },
        { EBUSY, "another process holds the database; find it with fuser" },
        { EIO, "input/output error; look at the kernel's log and the disk" },
        { ENOMEM, "out of memory" },
        { EMFILE, "too many open files" },
        { ELOOP, "a symbolic link stands in its place; remove it" },
};

static const char *remedy(int error)
{
        for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
                if (remedies[i].error == error)
                        return remedies[i].text;
        return strerror(error);
}

static const char *consequence(const struct auditdb *db)
{
        return db->mode == AUDITDB_WRITE ? "; no session is opened until then" : "";
}

int why_set(struct auditdb_why *ret_why, int error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(ret_why->text, sizeof(ret_why->text), format, arguments);
        va_end(arguments);
        return error;
}

int why_errno(const struct auditdb *db, struct auditdb_why *ret_why, int error, const char *doing)
{
        (void)why_set(ret_why, error, "the audit database %s: %s: %s%s", db->path, doing, remedy(-error),
                      consequence(db));
        return error == -EDQUOT ? -ENOSPC : error == -EPERM ? -EACCES : error;
}

int why_damaged(const struct auditdb *db, struct auditdb_why *ret_why, const char *format, ...)
{
        char what[AUDITDB_WHY_SIZE / 2];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(what, sizeof(what), format, arguments);
        va_end(arguments);
        return why_set(ret_why, -EBADMSG, "the audit database %s: %s; put it aside for inspection and restore a copy%s",
                       db->path, what, consequence(db));
}

/* SQLite reports the failed system call beside its own code (sqlite3_system_errno). */
static int from_system(const struct auditdb *db, int otherwise)
{
        int error = db->sql != NULL ? sqlite3_system_errno(db->sql) : 0;

        switch (error) {
        case ENOENT:
        case EACCES:
        case EPERM:
        case EROFS:
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
                return -error;
        default:
                return otherwise;
        }
}

static int to_errno(const struct auditdb *db, int code)
{
        switch (code & 0xff) {
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
                return code == SQLITE_READONLY_DBMOVED ? -ESTALE : -EROFS;
        case SQLITE_CANTOPEN:
                return from_system(db, -EACCES);
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
        case SQLITE_CONSTRAINT:
        case SQLITE_ERROR: /* our own statements are right: the schema is not the one that they were written for */
                return -EBADMSG;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
                return -EBUSY;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_TOOBIG:
                return -EMSGSIZE;
        case SQLITE_IOERR:
                return from_system(db, -EIO);
        default:
                return -EIO;
        }
}

int why_sqlite(const struct auditdb *db, struct auditdb_why *ret_why, int code, const char *doing)
{
        int error = to_errno(db, code);
        const char *said = db->sql != NULL ? sqlite3_errmsg(db->sql) : sqlite3_errstr(code);

        (void)why_set(ret_why, error, "the audit database %s: %s: %s%s (SQLite: %s, %d)", db->path, doing,
                      remedy(-error), consequence(db), said, code);
        return error == -EDQUOT ? -ENOSPC : error == -EPERM ? -EACCES : error;
}
