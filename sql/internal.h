/* What the files of this room share.
 *
 * Linked by: diag-supervisor, diag-ship, diagctl; included by sql/ only.
 */
#pragma once

#include <sqlite3.h>
#include <sys/types.h>

#include "pam_diag/base/buf.h"
#include "sql/auditdb.h"
#include "sql/select.h"

enum {
        AUDITDB_APPLICATION_ID = 1885628769, /* "pdia", as in schema.sql */
        AUDITDB_VERSION = 2, /* the newest step of migrate.c */
        AUDITDB_BOUND_MS = 5000, /* how long a writer waits for the others */
};

/* Which file a path led to. */
struct file_id {
        dev_t device;
        ino_t inode;
};

struct auditdb {
        enum auditdb_mode mode;
        char *path; /* absolute */
        char *wal_path;
        char *shm_path;
        char *lock_path;
        char *key_path;
        char *sign_path;
        int lock_fd; /* -1 until the lock is wanted */
        int key_fd; /* of the key file, -1 until there is one */
        unsigned bound_ms;
        sqlite3 *sql;
        sqlite3_stmt *insert;
        int64_t appended_seq; /* the last row that this connection has appended; 0: none */
        unsigned char appended_hash[AUDITDB_HASH_SIZE];
        sqlite3_stmt *valid;
        sqlite3_stmt *tail;
        sqlite3_stmt *range;
        sqlite3_stmt *anchor;
        struct file_id id;
        struct file_id wal_id;
        struct file_id shm_id;
        char uuid[AUDITDB_UUID_SIZE];
        struct export *export; /* export.c */
};

/* why.c: one line for a person. All return the negative error that they were given or made. */
int why_set(struct auditdb_why *ret_why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From -errno: what was tried, and what to do about that error. */
int why_errno(const struct auditdb *db, struct auditdb_why *ret_why, int error, const char *doing);
/* From an SQLite result code of db->sql. */
int why_sqlite(const struct auditdb *db, struct auditdb_why *ret_why, int code, const char *doing);
/* -EBADMSG: what is wrong with the file. */
int why_damaged(const struct auditdb *db, struct auditdb_why *ret_why, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* identity.c: has somebody put another file in the place of the one that is open? */
int identity_take(struct auditdb *db, struct auditdb_why *ret_why);
int identity_check(const struct auditdb *db, struct auditdb_why *ret_why);

/* anchor.c: the row that the chain starts from, the last one that was pruned; seq 0 and zeros when none was. */
struct anchor {
        int64_t seq;
        unsigned char hash[AUDITDB_HASH_SIZE];
        unsigned char mac[AUDITDB_MAC_SIZE];
        bool has_mac;
};
int anchor_read(struct auditdb *db, struct anchor *ret_anchor, struct auditdb_why *ret_why);

/* create.c: makes the database under a temporary name, under the outer lock, and renames it into place. 0 also when
 * somebody else was faster. */
int auditdb_create(struct auditdb *db, struct auditdb_why *ret_why);

/* check.c: what can be known at open without reading the whole file; fills in db->uuid. */
int auditdb_check_header(struct auditdb *db, int *ret_version, struct auditdb_why *ret_why);
int auditdb_check_content(struct auditdb *db, struct auditdb_why *ret_why);

/* auditdb.c */
int auditdb_prepare(struct auditdb *db, const char *text, sqlite3_stmt **statement, struct auditdb_why *ret_why);
/* One integer, such as a PRAGMA's. */
int auditdb_integer(struct auditdb *db, const char *text, int64_t *ret_value, struct auditdb_why *ret_why);
int auditdb_execute(struct auditdb *db, const char *text, struct auditdb_why *ret_why);
/* Settings of a connection; for create.c too. */
int auditdb_connect(struct auditdb *db, const char *path, int flags, struct auditdb_why *ret_why);

/* select.c: conditions on an open record `o` (" AND …"), and what their parameters stand for: ?1 since, ?2 until, ?3 session, ?12 most. */
void select_put_who(struct buf *sql, const struct select_filter *filter);
void select_bind(sqlite3_stmt *statement, const struct select_filter *filter, int64_t after, size_t most);

/* export.c */
void export_free(struct export *export);

static inline void statement_finalize_at(sqlite3_stmt **statement)
{
        sqlite3_finalize(*statement);
}
#define cleanup_statement __attribute__((cleanup(statement_finalize_at)))

/* Ends the read transaction of a statement at the end of the scope; the statement is kept for the next use. */
static inline void statement_reset_at(sqlite3_stmt **statement)
{
        if (*statement != NULL)
                (void)sqlite3_reset(*statement);
}
#define cleanup_reset __attribute__((cleanup(statement_reset_at)))
