/* sql/chain.c, auditdb_verify: known answers, and every way to break the chain. */
#include "sql/chain.h"
#include "tests/unit/sql_help.h"

static void to_hex(const unsigned char *hash, char *text)
{
        for (size_t i = 0; i < CHAIN_HASH_SIZE; i++)
                snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

/* From another implementation of SHA3-256: sha3_256(bytes(32) + b"abc"), and that + b"". */
START_TEST(known_answers)
{
        unsigned char hash[CHAIN_HASH_SIZE];
        char text[2 * CHAIN_HASH_SIZE + 1];

        ck_assert_int_eq(chain_next(NULL, "abc", 3, hash), 0);
        to_hex(hash, text);
        ck_assert_str_eq(text, "21e7c41f4e016e97d0397f9671225d9793e4ff67dd96e1d2990135b90d498c39");
        ck_assert_int_eq(chain_next(hash, "", 0, hash), 0);
        to_hex(hash, text);
        ck_assert_str_eq(text, "f8251a2e9ceee7f0e6cde98c4da6013d03e05e7d9fd20fb490a0a19c765c7665");
}
END_TEST

static void fill(int64_t rows)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        for (int64_t i = 1; i <= rows; i++)
                must_append(db, i);
        auditdb_free(db);
}

static void must_break(int64_t seq, const char *word)
{
        struct auditdb *db = must_open(AUDITDB_READ);
        int64_t found = -1;
        int r = auditdb_verify(db, &found, &why);

        ck_assert_msg(r == -EBADMSG, "%d %s", r, why.text);
        ck_assert_int_eq(found, seq);
        ck_assert_msg(strstr(why.text, word) != NULL, "%s", why.text);
        auditdb_free(db);
}

START_TEST(an_empty_chain_is_whole)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        ck_assert_int_eq(must_verify(db), 0);
        auditdb_free(db);
}
END_TEST

START_TEST(a_long_chain_is_whole)
{
        struct auditdb *db;

        fill(2500);
        db = must_open(AUDITDB_READ);
        ck_assert_int_eq(must_verify(db), 2500);
        auditdb_free(db);
}
END_TEST

START_TEST(a_changed_record_is_found)
{
        fill(1500);
        must_shell(
                "DROP TRIGGER event_no_update; UPDATE event SET rec = replace(rec, 'hosts', 'shado') WHERE seq = 1200",
                NULL);
        must_break(1200, "row 1200");
}
END_TEST

START_TEST(a_changed_hash_is_found)
{
        fill(5);
        must_shell("DROP TRIGGER event_no_update; UPDATE event SET hash = zeroblob(32) WHERE seq = 1", NULL);
        must_break(1, "row 1 ");
}
END_TEST

START_TEST(swapped_rows_are_found)
{
        fill(5);
        must_shell("DROP TRIGGER event_no_update; UPDATE event SET rec = (SELECT rec FROM event AS o WHERE o.seq = 5 - "
                   "event.seq) WHERE seq IN (2, 3)",
                   NULL);
        must_break(2, "row 2 ");
}
END_TEST

START_TEST(a_missing_row_is_found)
{
        fill(5);
        must_shell("DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = 3", NULL);
        must_break(4, "row 4 follows row 2");
        must_shell("DELETE FROM event WHERE seq < 3", NULL);
        must_break(4, "row 4 follows row 0");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                known_answers,           an_empty_chain_is_whole, a_long_chain_is_whole,  a_changed_record_is_found,
                a_changed_hash_is_found, swapped_rows_are_found,  a_missing_row_is_found,
        };

        return RUN_SUITE("sql/chain", tests);
}
