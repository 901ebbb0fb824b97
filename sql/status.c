#include "sql/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "sql/keys.h"

void status_clear(struct status *status)
{
        free(status->missing);
        status->missing = NULL;
}

/* One statement, and so one snapshot. `+kind` and the newest rows first: what is asked for lies at the end. */
static const char facts_sql[] =
        "SELECT (SELECT seq FROM anchor), "
        "coalesce((SELECT seq FROM event ORDER BY seq DESC LIMIT 1), 0), "
        "(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size), "
        "(SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, "
        "pragma_page_size), "
        "coalesce((SELECT time FROM event ORDER BY seq LIMIT 1), 0), "
        "coalesce((SELECT time FROM event ORDER BY seq DESC LIMIT 1), 0), "
        "(SELECT rec ->> '$.head' FROM event WHERE kind = 'head' ORDER BY time DESC LIMIT 1), "
        "(SELECT time FROM event WHERE kind = 'head' ORDER BY time DESC LIMIT 1), "
        "(SELECT count(*) FROM event AS o WHERE o.kind = 'open' AND o.rec ->> '$.boot' = ?1 AND NOT EXISTS "
        "(SELECT 1 FROM event WHERE session = o.session AND +kind = 'close')), "
        "(SELECT rec -> '$.missing' FROM event WHERE kind = 'open' ORDER BY time DESC LIMIT 1), "
        "coalesce((SELECT mac IS NOT NULL FROM event ORDER BY seq DESC LIMIT 1), 0)";

/* What the file alone says: none, unseen, wrong, or good with the number of its row. */
static enum status_key read_key(const struct auditdb *db, int64_t *ret_seq)
{
        cleanup_fd int fd = -1;
        cleanup_keys struct keys keys = { .present = true };
        int r = keyfile_open(db->key_path, O_RDONLY, &fd);

        if (r == -ENOENT)
                return STATUS_KEY_NONE;
        if (r == -EACCES)
                return STATUS_KEY_UNSEEN;
        if (r < 0 || keyfile_read(fd, &keys.slot, &keys.newest) < 0 || strcmp(keys.slot.uuid, db->uuid) != 0)
                return STATUS_KEY_WRONG;
        *ret_seq = keys.slot.seq;
        return STATUS_KEY_GOOD;
}

static enum status_key judge_key(enum status_key file, bool has_mac, const struct status *status)
{
        if (file == STATUS_KEY_NONE)
                return has_mac ? STATUS_KEY_GONE : STATUS_KEY_NONE;
        if (file != STATUS_KEY_GOOD || status->key_seq == status->last + 1)
                return file;
        return status->key_seq > status->last ? STATUS_KEY_AHEAD : STATUS_KEY_BEHIND;
}

static int take(sqlite3_stmt *statement, struct status *status)
{
        const unsigned char *missing = sqlite3_column_text(statement, 9);

        *status = (struct status){
                .anchor = sqlite3_column_int64(statement, 0),
                .last = sqlite3_column_int64(statement, 1),
                .bytes = (uint64_t)sqlite3_column_int64(statement, 2),
                .used = (uint64_t)sqlite3_column_int64(statement, 3),
                .oldest_us = sqlite3_column_int64(statement, 4),
                .newest_us = sqlite3_column_int64(statement, 5),
                .head_seq = sqlite3_column_type(statement, 6) == SQLITE_NULL ? -1 : sqlite3_column_int64(statement, 6),
                .head_us = sqlite3_column_int64(statement, 7),
                .open_sessions = sqlite3_column_int64(statement, 8),
        };
        if (missing == NULL)
                return 0;
        status->missing = strdup((const char *)missing);
        return status->missing != NULL ? 0 : -ENOMEM;
}

int auditdb_status(struct auditdb *db, const char *boot, struct status *ret_status, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        cleanup_status struct status status = { 0 };
        enum status_key key;
        int64_t key_seq = 0;
        int code;
        int r = identity_check(db, ret_why);

        if (r == 0)
                r = auditdb_prepare(db, facts_sql, &statement, ret_why);
        if (r < 0)
                return r;
        /* The key first: a row that is committed in between leaves it behind, never ahead. */
        key = read_key(db, &key_seq);
        (void)sqlite3_bind_text(statement, 1, boot, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
                return why_sqlite(db, ret_why, code, "cannot read rows");
        r = take(statement, &status);
        if (r < 0)
                return why_errno(db, ret_why, r, "cannot read rows");
        status.key_seq = key_seq;
        status.key = judge_key(key, sqlite3_column_int(statement, 10) != 0, &status);
        *ret_status = status;
        status.missing = NULL;
        return 0;
}

int auditdb_time_after(struct auditdb *db, int64_t seq, int64_t *ret_us, struct auditdb_why *ret_why)
{
        cleanup_statement sqlite3_stmt *statement = NULL;
        int code;
        int r = auditdb_prepare(db, "SELECT time FROM event WHERE seq > ?1 ORDER BY seq LIMIT 1", &statement, ret_why);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(statement, 1, seq);
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return why_sqlite(db, ret_why, code, "cannot read rows");
        *ret_us = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
        return 0;
}
