/* sql/verify_heads.c: kept heads as witnesses, and what stands in rows beside the chain. */
#include "tests/unit/sql_verify_help.h"

START_TEST(new_keys_do_not_hide_it)
{
        struct auditdb *db;
        struct keyinit made;

        fill_with_keys();
        db = must_open(AUDITDB_WRITE);
        made = must_make_keys(db, true);
        must_append(db, 200);
        auditdb_free(db);
        must_find(VERIFY_MAC, 33, 34, "a new key was made there");
        keep_keys(&made);
        keep_heads();
        must_show("a new key that is known", 0);
        as_root("UPDATE event SET rec = replace(rec, 'hosts', 'nosts') WHERE seq = 12");
        rehash_from(12);
        must_find(VERIFY_HEAD_DIFFERS, 2, 15, "");
        ck_assert(said[VERIFY_MAC]);
}
END_TEST

static void replace(char *text, const char *from, const char *to)
{
        char *at = strstr(text, from);

        ck_assert_ptr_nonnull(at);
        ck_assert_uint_eq(strlen(from), strlen(to));
        memcpy(at, to, strlen(to));
}

START_TEST(a_kept_head_is_altered)
{
        struct firstkeys other = keys;

        fill_with_keys();
        replace(heads, "\\u000a15\\u000a", "\\u000a14\\u000a");
        must_find(VERIFY_HEAD_FORGED, 14, 14, "altered");
        keep_heads();
        other = keys;
        other.verifiers[0].id[0] ^= 1;
        ck_assert(is_broken_at(db_path, &other, true));
        ck_assert(said[VERIFY_HEAD_FORGED]);
}
END_TEST

START_TEST(the_verifier_of_the_host_is_the_last_resort)
{
        struct verify_witnesses witness = { .heads = heads };
        struct verify_result result;
        struct auditdb *db;
        size_t broken = 0;

        fill_with_keys();
        ck_assert(!is_broken_at(db_path, NULL, true));
        ck_assert(said[VERIFY_NOTE_VERIFIER]);
        unlink(beside("-sign"));
        db = must_open(AUDITDB_READ_ANY);
        witness.heads_length = strlen(heads);
        ck_assert_int_eq(auditdb_verify_with(db, &witness, found, &broken, &result, &why), -ENOKEY);
        ck_assert_ptr_nonnull(strstr(why.text, "--first-key"));
        auditdb_free(db);
}
END_TEST

START_TEST(a_clock_that_goes_back_is_a_note)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        must_append(db, 20000000);
        must_append(db, 20000000 - VERIFY_CLOCK_US);
        auditdb_free(db);
        ck_assert(!is_broken_at(db_path, NULL, false));
        ck_assert(!said[VERIFY_NOTE_CLOCK]);
        db = must_open(AUDITDB_WRITE);
        must_append(db, 20000000 - 2 * VERIFY_CLOCK_US - 1);
        auditdb_free(db);
        ck_assert(!is_broken_at(db_path, NULL, false));
        ck_assert(said[VERIFY_NOTE_CLOCK]);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                new_keys_do_not_hide_it,
                a_kept_head_is_altered,
                the_verifier_of_the_host_is_the_last_resort,
                a_clock_that_goes_back_is_a_note,
        };

        return RUN_SUITE("sql/verify_heads", tests);
}
