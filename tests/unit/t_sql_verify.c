/* sql/verify*.c: every attack, and what each witness shows of it and what not. */
#include "tests/unit/sql_verify_help.h"

START_TEST(whole_records_are_whole)
{
        fill_with_keys();
        must_show("none", 0);
        ck_assert(!is_broken_at(db_path, &keys, true));
        ck_assert(said[VERIFY_NOTE_NO_KEY] && !said[VERIFY_NOTE_UNCHECKED] && !said[VERIFY_NOTE_KEY_BEHIND] &&
                  !said[VERIFY_NOTE_KEY_UNSEEN]);
        ck_assert(!is_broken_at(db_path, NULL, false));
        ck_assert(said[VERIFY_NOTE_UNCHECKED]);
}
END_TEST

START_TEST(a_row_is_edited)
{
        fill_with_keys();
        as_root("UPDATE event SET rec = replace(rec, 'hosts', 'nosts') WHERE seq = 12");
        must_show("edit", EVERYONE);
        must_find(VERIFY_EDITED, 12, 12, "edited");
}
END_TEST

START_TEST(a_row_is_deleted)
{
        fill_with_keys();
        as_root("DELETE FROM event WHERE seq IN (12, 13)");
        must_show("delete", EVERYONE);
        must_find(VERIFY_MISSING, 12, 13, "deleted");
}
END_TEST

START_TEST(all_are_hashed_again)
{
        fill_with_keys();
        as_root("UPDATE event SET rec = replace(rec, 'hosts', 'nosts') WHERE seq = 12");
        rehash_from(12);
        must_show("edit and rehash", FIRST_KEY | HEADS);
        must_find(VERIFY_HEAD_DIFFERS, 2, 15, "rows 2 to 15");
        ck_assert(said[VERIFY_MAC]);
}
END_TEST

START_TEST(rows_are_renumbered)
{
        fill_with_keys();
        as_root("DELETE FROM event WHERE seq = 12; UPDATE event SET seq = -seq WHERE seq > 12; "
                "UPDATE event SET seq = -seq - 1 WHERE seq < 0; UPDATE sqlite_sequence SET seq = seq - 1");
        rehash_from(12);
        must_show("delete, renumber, rehash", FIRST_KEY | KEY_FILE | HEADS);
        must_find(VERIFY_HEAD_DIFFERS, 2, 15, "rows 2 to 15");
        ck_assert(said[VERIFY_KEY_AHEAD] && said[VERIFY_MAC]);
}
END_TEST

START_TEST(the_tail_is_cut)
{
        fill_with_keys();
        as_root("DELETE FROM event WHERE seq > 27");
        must_show("cut, the count forgotten", EVERYONE);
        as_root("UPDATE sqlite_sequence SET seq = 27");
        must_show("cut", KEY_FILE | HEADS);
        must_find(VERIFY_KEY_AHEAD, 28, 32, "key file has seen");
}
END_TEST

START_TEST(the_tail_is_cut_before_its_head_was_kept)
{
        fill_with_keys();
        ck_assert_int_eq(shell("SELECT rec FROM event WHERE kind = 'head' AND seq < 20", heads, sizeof(heads)), 0);
        as_root("DELETE FROM event WHERE seq > 27; UPDATE sqlite_sequence SET seq = 27");
        must_show("cut", KEY_FILE);
}
END_TEST

static void append_more(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        for (int64_t i = 1; i <= 5; i++)
                must_append(db, 100 + i);
        must_close(db);
        auditdb_free(db);
        keep_heads();
}

START_TEST(the_file_is_rolled_back)
{
        fill_with_keys();
        must_shell("PRAGMA wal_checkpoint(TRUNCATE)", NULL);
        copy_file(db_path, beside("-old"));
        append_more();
        unlink(beside("-wal"));
        unlink(beside("-shm"));
        copy_file(beside("-old"), db_path);
        must_show("rolled back", KEY_FILE | HEADS);
        must_find(VERIFY_KEY_AHEAD, 33, 39, "an older file was put back");
        /* And no session is opened on it. */
        struct auditdb *db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -EBADMSG);
        ck_assert_msg(strstr(why.text, "key file has seen them") != NULL, "%s", why.text);
        auditdb_free(db);
}
END_TEST

START_TEST(file_and_key_are_rolled_back)
{
        fill_with_keys();
        must_shell("PRAGMA wal_checkpoint(TRUNCATE)", NULL);
        copy_file(db_path, beside("-old"));
        copy_file(beside("-key"), beside("-oldkey"));
        append_more();
        unlink(beside("-wal"));
        unlink(beside("-shm"));
        copy_file(beside("-old"), db_path);
        copy_file(beside("-oldkey"), beside("-key"));
        must_show("both rolled back", HEADS);
        must_find(VERIFY_HEAD_PAST, 33, 38, "head of them was kept");
}
END_TEST

#define MOVE_ANCHOR                                                                                                 \
        "UPDATE anchor SET seq = 10, hash = (SELECT hash FROM event WHERE seq = 10), mac = (SELECT mac FROM event " \
        "WHERE seq = 10); DELETE FROM event WHERE seq <= 10;"
#define PUT_PRUNE(hash)                                                                                             \
        "INSERT INTO event (seq, rec, hash, mac) SELECT max(seq) + 1, "                                             \
        "'{\"v\":1,\"kind\":\"prune\",\"time\":1700000000000000,"                                                   \
        "\"session\":\"" REC_NO_SESSION                                                                             \
        "\",\"first\":1,\"anchor\":10,\"anchor_hash\":\"' || (SELECT lower(hex(hash)) FROM "                        \
        "event WHERE seq = 10) || '\",\"anchor_mac\":\"' || (SELECT lower(hex(mac)) FROM event WHERE seq = 10) || " \
        "'\",\"x\":0}', " hash ", zeroblob(32) FROM event;"

START_TEST(the_anchor_is_forged)
{
        fill_with_keys();
        as_root(MOVE_ANCHOR);
        must_show("anchor moved", EVERYONE);
        must_find(VERIFY_ANCHOR, 0, 0, "does not name the anchor");
        as_root("UPDATE anchor SET seq = 0, hash = zeroblob(32), mac = NULL");
        must_find(VERIFY_ANCHOR, 1, 10, "no prune row");
        must_show("anchor left", EVERYONE);
}
END_TEST

START_TEST(a_prune_row_is_faked)
{
        fill_with_keys();
        as_root(PUT_PRUNE("zeroblob(32)") MOVE_ANCHOR);
        must_show("faked prune row", EVERYONE);
        /* With a right hash only the keys can tell: the chain is open to whoever has the file, and heads end before it. */
        rehash_from(33);
        must_show("faked and hashed prune row", FIRST_KEY | KEY_FILE);
        must_find(VERIFY_ANCHOR, 33, 33, "faked");
        /* And no row gets behind it. */
        struct auditdb *db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -EBADMSG);
        ck_assert_msg(strstr(why.text, "row 33 was not made with the key") != NULL, "%s", why.text);
        auditdb_free(db);
}
END_TEST

START_TEST(the_anchor_has_a_false_mac)
{
        fill_with_keys();
        as_root(PUT_PRUNE("zeroblob(32)") MOVE_ANCHOR
                "UPDATE anchor SET mac = zeroblob(32); UPDATE event SET rec = replace(rec, (SELECT '\"anchor_mac\":\"' "
                "|| substr(rec, "
                "instr(rec, 'anchor_mac') + 13, 64)), '\"anchor_mac\":\"' || printf('%064d', 0)) WHERE seq = 33");
        rehash_from(33);
        must_find(VERIFY_ANCHOR, 10, 10, "does not fit the first key");
}
END_TEST

START_TEST(rows_are_put_before_the_anchor)
{
        fill_with_keys();
        as_root("INSERT INTO event (seq, rec, hash, mac) SELECT -1, rec, hash, mac FROM event WHERE seq = 3");
        must_show("before the anchor", EVERYONE);
        must_find(VERIFY_ANCHOR, 0, 0, "before the anchor");
}
END_TEST

/* No key is followed over so many rows: that would take for ever, and nothing would be said. */
START_TEST(rows_are_put_far_away)
{
        fill_with_keys();
        as_root("UPDATE event SET seq = 4000000000000000000 WHERE seq = 32");
        must_show("a row far away", EVERYONE);
        must_find(VERIFY_MISSING, 32, 3999999999999999999, "deleted");
        as_root("UPDATE event SET seq = seq + 3999999999999999000 WHERE seq < 32; "
                "UPDATE anchor SET seq = 3999999999999999000, mac = zeroblob(32)");
        must_show("all of it far away", EVERYONE);
        must_find(VERIFY_ANCHOR, 3999999999999999000, 3999999999999999000, "further");
}
END_TEST

START_TEST(the_count_of_rows_is_set_back)
{
        fill_with_keys();
        as_root("UPDATE sqlite_sequence SET seq = 30");
        must_show("count set back", EVERYONE);
        must_find(VERIFY_CUT, 31, 32, "counted 2 rows less");
}
END_TEST

START_TEST(macs_are_taken_away)
{
        fill_with_keys();
        as_root("UPDATE event SET mac = NULL");
        unlink(beside("-key"));
        must_show("as if there never was a key", FIRST_KEY);
        must_find(VERIFY_NO_MAC, 2, 32, "there was a key");
        as_root("UPDATE event SET mac = zeroblob(32) WHERE seq < 20");
        ck_assert(is_broken_at(db_path, NULL, false));
        ck_assert(said[VERIFY_NO_MAC]);
}
END_TEST

START_TEST(the_key_file_is_gone)
{
        fill_with_keys();
        unlink(beside("-key"));
        must_show("no key file", KEY_FILE);
        ck_assert(is_broken_at(db_path, NULL, false));
        ck_assert(said[VERIFY_KEY_GONE]);
        ck_assert(!is_broken_at(beside("-copy"), NULL, false));
        ck_assert(said[VERIFY_NOTE_KEY_UNSEEN] && !said[VERIFY_KEY_GONE]);
}
END_TEST

/* A key that root made up to fit a cut tail: the first key knows better. */
START_TEST(the_key_file_is_forged)
{
        struct keyslot slot = { .seq = 28, .key = { 1, 2, 3 } };
        unsigned char bytes[KEYSLOT_SIZE];
        int fd;

        fill_with_keys();
        as_root("DELETE FROM event WHERE seq > 27; UPDATE sqlite_sequence SET seq = 27");
        memcpy(slot.uuid, keys.keys[0].uuid, sizeof(slot.uuid));
        ck_assert_int_eq(keyslot_print(&slot, bytes), 0);
        fd = open(beside("-key"), O_WRONLY | O_TRUNC | O_CLOEXEC);
        ck_assert_int_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
        close(fd);
        ck_assert(!is_broken_at(db_path, NULL, false));
        ck_assert(is_broken_at(db_path, &keys, false));
        ck_assert(said[VERIFY_KEY_FOREIGN]);
        /* In the middle of the rows, too. */
        slot.seq = 20;
        ck_assert_int_eq(keyslot_print(&slot, bytes), 0);
        fd = open(beside("-key"), O_WRONLY | O_TRUNC | O_CLOEXEC);
        ck_assert_int_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
        close(fd);
        must_find(VERIFY_KEY_FOREIGN, 0, 0, "replaced");
        ck_assert(is_broken_at(db_path, NULL, false));
        ck_assert(said[VERIFY_KEY_FOREIGN] && said[VERIFY_NOTE_KEY_BEHIND]);
        slot.uuid[0] = slot.uuid[0] == '0' ? '1' : '0';
        ck_assert_int_eq(keyslot_print(&slot, bytes), 0);
        fd = open(beside("-key"), O_WRONLY | O_TRUNC | O_CLOEXEC);
        ck_assert_int_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
        must_find(VERIFY_KEY_FOREIGN, 0, 0, "not of this one");
        ck_assert_int_eq(ftruncate(fd, 10), 0);
        close(fd);
        must_find(VERIFY_KEY_FOREIGN, 0, 0, "holds no key");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                whole_records_are_whole,
                a_row_is_edited,
                a_row_is_deleted,
                all_are_hashed_again,
                rows_are_renumbered,
                the_tail_is_cut,
                the_tail_is_cut_before_its_head_was_kept,
                the_file_is_rolled_back,
                file_and_key_are_rolled_back,
                the_anchor_is_forged,
                a_prune_row_is_faked,
                the_anchor_has_a_false_mac,
                rows_are_put_before_the_anchor,
                rows_are_put_far_away,
                the_count_of_rows_is_set_back,
                macs_are_taken_away,
                the_key_file_is_gone,
                the_key_file_is_forged,
        };

        return RUN_SUITE("sql/verify", tests);
}
