/* sql/verify*.c: every attack, and what each witness shows of it and what not. */
#include "sql/verify.h"
#include "tests/unit/sql_keys_help.h"

enum { ROWS = 30 };

static struct firstkeys keys; /* kept off the host */
static char heads[65536]; /* as the log pipeline has them: the head rows that were shipped */
static char first_said[1024];
static bool said[VERIFY_KIND_COUNT];

static void keep_heads(void)
{
        ck_assert_int_eq(shell("SELECT rec FROM event WHERE kind = 'head'", heads, sizeof(heads)), 0);
}

static void keep_keys(const struct keyinit *made)
{
        struct buf text = BUF_INIT(4096);
        size_t line = 0;

        ck_assert_int_eq(firstkey_put(&text, &made->first), 0);
        buf_printf(&text, "verifier %s\n", made->verifier);
        ck_assert_int_eq(firstkeys_parse(text.data, made->first.uuid, &keys, &line), 0);
        buf_free(&text);
}

/* Row 1 is from before the keys, 2 the head with which they begin; then records, a session's end and its head in the middle and
 * at the end. */
static void fill_with_keys(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct keyinit made;

        must_append(db, 1);
        made = must_make_keys(db, false);
        keep_keys(&made);
        for (int64_t i = 3; i <= ROWS; i++)
                if (i == 15)
                        must_close(db);
                else if (i != 16) /* the head's */
                        must_append(db, i);
        must_close(db);
        auditdb_free(db);
        keep_heads();
}

static void found(void *context, const struct verify_finding *finding)
{
        size_t *broken = context;

        said[finding->kind] = true;
        if (finding->kind < VERIFY_BROKEN_COUNT && (*broken)++ == 0)
                snprintf(first_said, sizeof(first_said), "%s %lld-%lld: %s", verify_kind_name(finding->kind),
                         (long long)finding->first, (long long)finding->last, finding->text);
}

static bool is_broken_at(const char *path, const struct firstkeys *with, bool with_heads)
{
        struct verify_witnesses witnesses = { .keys = with,
                                              .heads = with_heads ? heads : NULL,
                                              .heads_length = strlen(heads) };
        struct verify_result result = { .rows = 0 };
        struct auditdb *db = NULL;
        size_t broken = 0;
        int r = auditdb_open(path, AUDITDB_READ_ANY, &db, &why);

        first_said[0] = '\0';
        memset(said, 0, sizeof(said));
        ck_assert_msg(r == 0, "%d %s", r, why.text);
        r = auditdb_verify_with(db, &witnesses, found, &broken, &result, &why);
        ck_assert_msg(r == 0, "%d %s", r, why.text);
        ck_assert_uint_eq(result.broken, broken);
        auditdb_free(db);
        return broken > 0;
}

enum { CHAIN = 1, FIRST_KEY = 2, KEY_FILE = 4, HEADS = 8, EVERYONE = 15 };

/* Each witness beside the chain alone: without the key file a copy is looked at, as an operator may take one away. */
static unsigned witnesses(void)
{
        struct firstkeys verifiers = keys;
        char sql[512];
        unsigned seen = 0;

        unlink(beside("-copy"));
        snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", beside("-copy"));
        must_shell(sql, NULL);
        verifiers.key_count = 0;
        seen |= is_broken_at(beside("-copy"), NULL, false) ? CHAIN : 0;
        seen |= is_broken_at(beside("-copy"), &keys, false) ? FIRST_KEY : 0;
        seen |= is_broken_at(db_path, NULL, false) ? KEY_FILE : 0;
        seen |= is_broken_at(beside("-copy"), &verifiers, true) ? HEADS : 0;
        return seen;
}

static void must_show(const char *attack, unsigned expected)
{
        unsigned seen = witnesses();

        ck_assert_msg(seen == expected, "%s: chain %d, first key %d, key file %d, heads %d; expected %x: %s", attack,
                      (seen & CHAIN) != 0, (seen & FIRST_KEY) != 0, (seen & KEY_FILE) != 0, (seen & HEADS) != 0,
                      expected, first_said);
}

/* All witnesses at once on the database in its place. */
static void must_find(enum verify_kind kind, int64_t first, int64_t last, const char *word)
{
        char place[128];

        ck_assert(is_broken_at(db_path, &keys, true));
        snprintf(place, sizeof(place), "%s %lld-%lld: ", verify_kind_name(kind), (long long)first, (long long)last);
        ck_assert_msg(strncmp(first_said, place, strlen(place)) == 0 && strstr(first_said, word) != NULL,
                      "%s instead of %s %s", first_said, place, word);
}

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

/* `key init --again` by root hides nothing from the first key of before. */
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
                macs_are_taken_away,
                the_key_file_is_gone,
                the_key_file_is_forged,
                new_keys_do_not_hide_it,
                a_kept_head_is_altered,
                the_verifier_of_the_host_is_the_last_resort,
                a_clock_that_goes_back_is_a_note,
        };

        return RUN_SUITE("sql/verify", tests);
}
