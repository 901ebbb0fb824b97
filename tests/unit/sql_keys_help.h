/* What the tests of the keys share: a database with keys, and an attacker who is root. */
#pragma once

#include <sqlite3.h>

#include "sql/chain.h"
#include "sql/keyinit.h"
#include "sql/keyslot.h"
#include "tests/unit/sql_help.h"

__attribute__((unused)) static const char *beside(const char *ending)
{
        static char name[4][256];
        static unsigned next;
        char *text = name[next++ % 4];

        snprintf(text, sizeof(name[0]), "%s%s", db_path, ending);
        return text;
}

__attribute__((unused)) static void copy_file(const char *from, const char *to)
{
        char command[1024];

        snprintf(command, sizeof(command), "cp %s %s", from, to);
        ck_assert_int_eq(system(command), 0);
}

__attribute__((unused)) static struct keyinit must_make_keys(struct auditdb *db, bool again)
{
        struct keyinit keys;
        int r = auditdb_make_keys(db, again, &keys, &why);

        ck_assert_msg(r == 0, "%d %s", r, why.text);
        return keys;
}

/* A session's end, which brings a head with it. */
__attribute__((unused)) static void must_close(struct auditdb *db)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct rec_close rec = { .time_us = 1700000000000000, .session = SESSION, .how = "closed" };
        int r = rec_put_close(&buf, &rec);

        if (r == 0)
                r = auditdb_append(db, buf.data, buf.length, NULL, &why);
        ck_assert_msg(r == 0, "%d %s", r, why.text);
        buf_free(&buf);
}

/* What root can do: no trigger stops it, and sha3() is there for whoever wants it. */
static void sql_sha3(sqlite3_context *context, int argc, sqlite3_value **argv)
{
        unsigned char hash[CHAIN_HASH_SIZE];

        (void)argc;
        ck_assert_int_eq(chain_next(sqlite3_value_blob(argv[0]), sqlite3_value_text(argv[1]),
                                    (size_t)sqlite3_value_bytes(argv[1]), hash),
                         0);
        sqlite3_result_blob(context, hash, sizeof(hash), SQLITE_TRANSIENT);
}

__attribute__((unused)) static void as_root(const char *sql)
{
        static const char disarm[] =
                "PRAGMA recursive_triggers = ON; DROP TRIGGER IF EXISTS event_no_update; DROP TRIGGER IF EXISTS "
                "event_no_delete; DROP TRIGGER IF EXISTS anchor_moves; DROP TRIGGER IF EXISTS event_mac; DROP TRIGGER "
                "IF "
                "EXISTS event_no_gap; DROP TRIGGER IF EXISTS event_no_replace";
        sqlite3 *db = NULL;
        char *error = NULL;

        ck_assert_int_eq(sqlite3_open(db_path, &db), SQLITE_OK);
        ck_assert_int_eq(sqlite3_create_function(db, "next_hash", 2, SQLITE_UTF8, NULL, sql_sha3, NULL, NULL),
                         SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(db, disarm, NULL, NULL, NULL), SQLITE_OK);
        ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK, "%s: %s", sql, error);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* Makes every hash from row `from` on again. */
__attribute__((unused)) static void rehash_from(int from)
{
        char sql[512];
        char output[64];

        ck_assert_int_eq(shell("SELECT max(seq) FROM event", output, sizeof(output)), 0);
        for (int seq = from; seq <= atoi(output); seq++) {
                snprintf(sql, sizeof(sql),
                         "UPDATE event SET hash = next_hash((SELECT hash FROM event AS b WHERE b.seq = %d), rec) WHERE "
                         "seq = %d",
                         seq - 1, seq);
                as_root(sql);
        }
}
