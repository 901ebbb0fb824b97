/* sql/keys.c, keyinit.c, head.c, append.c: the key moves with the rows, and what it does not fit is refused. */
#include "sql/keys.h"

#include "sql/head.h"
#include "tests/unit/sql_keys_help.h"

static struct keyslot read_slot(void)
{
        struct keyslot slot = { .seq = 0 };
        unsigned newest = 0;
        int fd = -1;

        ck_assert_int_eq(keyfile_open(beside("-key"), O_RDONLY, &fd), 0);
        ck_assert_int_eq(keyfile_read(fd, &slot, &newest), 0);
        close(fd);
        return slot;
}

/* Opens anew: what is refused must be so for the next session, too. */
static void must_not_append(const char *word)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int64_t before = must_verify(db);

        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -EBADMSG);
        ck_assert_msg(strstr(why.text, word) != NULL, "%s", why.text);
        ck_assert_int_eq(must_verify(db), before);
        auditdb_free(db);
}

static struct keyinit fill(int rows)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct keyinit keys = must_make_keys(db, false);

        for (int i = 0; i < rows; i++)
                must_append(db, i + 1);
        auditdb_free(db);
        return keys;
}

START_TEST(without_keys_all_is_as_before)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        must_append(db, 1);
        must_close(db);
        auditdb_free(db);
        must_shell("SELECT count(*), count(mac), sum(kind = 'head') FROM event", "2|0|0\n");
        ck_assert_int_lt(access(beside("-key"), F_OK), 0);
        ck_assert_int_lt(access(beside("-sign"), F_OK), 0);
}
END_TEST

START_TEST(keys_are_private_and_of_the_directory_owner)
{
        struct stat info;

        umask(0);
        if (geteuid() == 0)
                ck_assert_int_eq(chown(home, 4242, 4243), 0);
        fill(1);
        for (int i = 0; i < 2; i++) {
                ck_assert_int_eq(stat(beside(i == 0 ? "-key" : "-sign"), &info), 0);
                ck_assert_uint_eq(info.st_mode & 0777, 0600);
                if (geteuid() == 0)
                        ck_assert_uint_eq(info.st_uid, 4242);
        }
        ck_assert_int_lt(access(beside("-key.new"), F_OK), 0);
}
END_TEST

START_TEST(the_key_moves_with_every_row)
{
        struct keyinit keys = fill(5);
        struct keyslot slot = read_slot();
        struct auditdb *db;

        ck_assert_int_eq(keys.first.seq, 1);
        ck_assert_int_eq(slot.seq, 7);
        for (int64_t i = keys.first.seq; i < slot.seq; i++) {
                ck_assert_int_ne(memcmp(keys.first.key, slot.key, sizeof(slot.key)), 0);
                ck_assert_int_eq(mac_step(keys.first.key), 0);
        }
        ck_assert_int_eq(memcmp(keys.first.key, slot.key, sizeof(slot.key)), 0);
        must_shell("SELECT count(*), count(mac) FROM event", "6|6\n");
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(auditdb_make_keys(db, false, &keys, &why), -EEXIST);
        ck_assert_ptr_nonnull(strstr(why.text, "--again"));
        auditdb_free(db);
}
END_TEST

/* A process that was open before there was a key must not go on without one. */
START_TEST(a_writer_learns_of_new_keys)
{
        struct auditdb *first = must_open(AUDITDB_WRITE);
        struct auditdb *second;
        pid_t pid;

        must_append(first, 1);
        for (int i = 0; i < 2; i++) {
                pid = fork();
                if (pid == 0) {
                        second = must_open(AUDITDB_WRITE);
                        must_make_keys(second, i > 0);
                        auditdb_free(second);
                        _exit(0);
                }
                ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
                must_append(first, 2 + i);
        }
        auditdb_free(first);
        must_shell("SELECT group_concat(mac IS NOT NULL, '') FROM event", "01111\n");
        ck_assert_int_eq(read_slot().seq, 6);
        first = must_open(AUDITDB_WRITE);
        must_append(first, 9);
        auditdb_free(first);
}
END_TEST

/* Killed between the commit and the key, or a power cut that took more of the key file's writes: it is behind. */
START_TEST(a_key_that_is_behind_is_mended)
{
        struct auditdb *db;

        fill(1);
        for (int behind = 1; behind <= 20; behind += 19) {
                copy_file(beside("-key"), beside("-old"));
                db = must_open(AUDITDB_WRITE);
                for (int i = 0; i < behind; i++)
                        must_append(db, 1);
                auditdb_free(db);
                struct keyslot right = read_slot();
                copy_file(beside("-old"), beside("-key"));
                ck_assert_int_eq(read_slot().seq, right.seq - behind);
                db = must_open(AUDITDB_WRITE);
                must_append(db, 1);
                auditdb_free(db);
                ck_assert_int_eq(mac_step(right.key), 0);
                ck_assert_int_eq(memcmp(right.key, read_slot().key, sizeof(right.key)), 0);
        }
}
END_TEST

START_TEST(a_torn_key_is_mended)
{
        unsigned newest = 9;
        struct keyslot slot;
        struct auditdb *db;
        int fd = -1;

        fill(5);
        ck_assert_int_eq(keyfile_open(beside("-key"), O_RDWR, &fd), 0);
        ck_assert_int_eq(keyfile_read(fd, &slot, &newest), 0);
        ck_assert_int_eq(pwrite(fd, "torn", 4, (off_t)newest * KEYSLOT_SIZE + 66), 4);
        close(fd);
        ck_assert_int_eq(read_slot().seq, slot.seq - 1);
        db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        auditdb_free(db);
        ck_assert_int_eq(read_slot().seq, slot.seq + 1);
}
END_TEST

START_TEST(a_key_that_is_ahead_is_refused)
{
        fill(5);
        as_root("DELETE FROM event WHERE seq > 4; UPDATE sqlite_sequence SET seq = 4");
        must_not_append("rows 5 to 6 are missing");
}
END_TEST

START_TEST(a_key_of_other_rows_is_refused)
{
        fill(5);
        copy_file(beside("-key"), beside("-old"));
        struct auditdb *db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        auditdb_free(db);
        as_root("UPDATE event SET mac = zeroblob(32) WHERE seq = 7");
        copy_file(beside("-old"), beside("-key"));
        must_not_append("row 7 was not made with the key");
        as_root("UPDATE event SET mac = NULL WHERE seq = 7");
        must_not_append("row 7 has no mac");
}
END_TEST

START_TEST(a_key_of_another_database_is_refused)
{
        fill(1);
        copy_file(beside("-key"), beside("-old"));
        for (size_t i = 0; i < 5; i++)
                unlink(beside((const char *[]){ "", "-wal", "-shm", "-key", "-sign" }[i]));
        auditdb_free(must_open(AUDITDB_WRITE));
        copy_file(beside("-old"), beside("-key"));
        must_not_append("belongs to the audit database");
}
END_TEST

START_TEST(a_key_that_is_gone_is_refused)
{
        fill(1);
        unlink(beside("-key"));
        must_not_append("is gone");
}
END_TEST

START_TEST(a_key_file_that_holds_none_is_refused)
{
        fill(1);
        ck_assert_int_eq(truncate(beside("-key"), 0), 0);
        must_not_append("cannot read it");
}
END_TEST

START_TEST(a_key_that_others_may_read_is_refused)
{
        struct auditdb *db;

        fill(1);
        ck_assert_int_eq(chmod(beside("-key"), 0640), 0);
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -EACCES);
        ck_assert_ptr_nonnull(strstr(why.text, "mode 0600"));
        auditdb_free(db);
}
END_TEST

START_TEST(without_its_database_a_key_is_an_orphan)
{
        fill(1);
        unlink(db_path);
        unlink(beside("-wal"));
        unlink(beside("-shm"));
        must_refuse(AUDITDB_WRITE, -EBADMSG, "-key is there");
}
END_TEST

START_TEST(the_signing_key_must_be_right)
{
        struct auditdb *db;
        int fd;

        fill(1);
        unlink(beside("-sign"));
        db = must_open(AUDITDB_WRITE);
        must_append(db, 1); /* no head is due */
        struct rec_close rec = { .time_us = 1, .session = SESSION, .how = "closed" };
        struct buf buf = BUF_INIT(4096);
        rec_put_close(&buf, &rec);
        ck_assert_int_eq(auditdb_append(db, buf.data, buf.length, NULL, &why), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(why.text, "signing key"));
        fd = open(beside("-sign"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(write(fd, "nonsense\n", 9), 9);
        close(fd);
        ck_assert_int_eq(auditdb_append(db, buf.data, buf.length, NULL, &why), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(why.text, "not the signing key"));
        ck_assert_int_eq(must_verify(db), 3);
        buf_free(&buf);
        auditdb_free(db);
}
END_TEST

START_TEST(heads_are_due)
{
        static const char close_rec[] = "{\"v\":1,\"kind\":\"close\",\"time\":1}";
        struct keyslot slot = { .head_seq = 100, .head_boot_us = 5000 };

        ck_assert_ptr_null(head_due(&slot, 101, "{}", 2, 5000));
        ck_assert_ptr_null(head_due(&slot, 1099, "{}", 2, 5000 + HEAD_US - 1));
        ck_assert_str_eq(head_due(&slot, 1100, "{}", 2, 5000), "rows");
        ck_assert_str_eq(head_due(&slot, 101, "{}", 2, 5000 + HEAD_US), "time");
        ck_assert_str_eq(head_due(&slot, 101, "{}", 2, 4999), "time");
        ck_assert_str_eq(head_due(&slot, 101, close_rec, sizeof(close_rec) - 1, 5000), "close");
}
END_TEST

START_TEST(heads_are_written)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);

        must_make_keys(db, false);
        for (int i = 1; i <= 1001; i++)
                must_append(db, i);
        must_close(db);
        ck_assert_int_eq(must_verify(db), 1005);
        auditdb_free(db);
        must_shell("SELECT seq, session, rec ->> '$.head', rec ->> '$.reason', rec ->> '$.verifier' IS NULL, "
                   "length(rec ->> "
                   "'$.boot'), rec ->> '$.boot_us' > 0, lower(hex((SELECT hash FROM event AS b WHERE b.seq = event.seq "
                   "- 1))) "
                   "= rec ->> '$.head_hash', rec ->> '$.note' LIKE '%' || (rec ->> '$.log') || char(10) || (rec ->> "
                   "'$.head') "
                   "|| char(10) || '%' FROM event WHERE kind = 'head'",
                   "1|" REC_NO_SESSION "|0|key|0|36|1|0|1\n"
                   "1002|" REC_NO_SESSION "|1001|rows|1|36|1|1|1\n"
                   "1005|" REC_NO_SESSION "|1004|close|1|36|1|1|1\n");
}
END_TEST

/* Writers beside each other, each killed again and again at any moment: no row that was acknowledged is missing, no mac is wrong, the
 * key follows. */
START_TEST(writers_are_killed)
{
        enum { WRITERS = 4, KILLS = 30 };
        struct keyinit keys = fill(1);
        pid_t children[WRITERS] = { 0 };
        struct auditdb *db;
        int ends[2];
        int64_t acknowledged = 0;
        int64_t seq;

        ck_assert_int_eq(pipe(ends), 0);
        for (int i = 0; i < KILLS + WRITERS; i++) {
                pid_t *child = &children[i % WRITERS];

                if (*child > 0) {
                        /* After some more rows, wherever it is then. */
                        for (int n = 0; n < 3; n++)
                                ck_assert_int_eq(read(ends[0], &seq, sizeof(seq)), sizeof(seq));
                        kill(*child, SIGKILL);
                        ck_assert_int_eq(waitpid(*child, NULL, 0), *child);
                        acknowledged = seq > acknowledged ? seq : acknowledged;
                }
                if (i >= KILLS)
                        continue;
                *child = fork();
                if (*child == 0) {
                        db = must_open(AUDITDB_WRITE);
                        for (;;) {
                                ck_assert_int_eq(append_line(db, 1, "cat", 3, &seq), 0);
                                ck_assert_int_eq(write(ends[1], &seq, sizeof(seq)), sizeof(seq));
                        }
                }
        }
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_ge(must_verify(db), acknowledged);
        must_append(db, 1);
        seq = must_verify(db);
        auditdb_free(db);
        for (int64_t at = 1; at <= seq; at++)
                ck_assert_int_eq(mac_step(keys.first.key), 0);
        ck_assert_int_eq(read_slot().seq, seq + 1);
        ck_assert_int_eq(memcmp(keys.first.key, read_slot().key, sizeof(keys.first.key)), 0);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                without_keys_all_is_as_before,
                keys_are_private_and_of_the_directory_owner,
                the_key_moves_with_every_row,
                a_writer_learns_of_new_keys,
                a_key_that_is_behind_is_mended,
                a_torn_key_is_mended,
                a_key_that_is_ahead_is_refused,
                a_key_of_other_rows_is_refused,
                a_key_of_another_database_is_refused,
                a_key_that_is_gone_is_refused,
                a_key_file_that_holds_none_is_refused,
                a_key_that_others_may_read_is_refused,
                without_its_database_a_key_is_an_orphan,
                the_signing_key_must_be_right,
                heads_are_due,
                heads_are_written,
                writers_are_killed,
        };

        return RUN_SUITE("sql/keys", tests);
}
