/* sql/prune.c, snapshot.c, status.c: a prefix goes, the chain holds, and nothing else can go. */
#include "sql/prune.h"

#include <signal.h>

#include "sql/snapshot.h"
#include "sql/status.h"
#include "sql/verify.h"
#include "tests/unit/sql_keys_help.h"

#define FIRST_US INT64_C(1700000000000000) /* row n is n µs later: sql_help.h */

static struct firstkeys keys;

static void fill(int rows)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct keyinit made = must_make_keys(db, false);

        keys.keys[0] = made.first;
        keys.key_count = 1;
        for (int i = 2; i <= rows; i++)
                must_append(db, i);
        auditdb_free(db);
}

static struct prune_result must_prune(struct prune prune)
{
        struct prune_result result = { 0 };
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int r;

        prune.auid = -1;
        if (prune.chunk == 0)
                prune.chunk = 10;
        r = auditdb_prune(db, &prune, &result, &why);
        ck_assert_msg(r == 0, "%d %s", r, why.text);
        auditdb_free(db);
        return result;
}

static void ignore(void *context, const struct verify_finding *finding)
{
        (void)context;
        if (finding->kind < VERIFY_BROKEN_COUNT)
                fprintf(stderr, "%s\n", finding->text);
}

static void must_be_whole(const char *path)
{
        struct verify_witnesses witnesses = { .keys = &keys };
        struct verify_result result = { .broken = 1 };
        struct auditdb *db = NULL;
        char output[1024];

        ck_assert_int_eq(auditdb_open(path, AUDITDB_READ, &db, &why), 0);
        ck_assert_int_eq(auditdb_verify_with(db, &witnesses, ignore, NULL, &result, &why), 0);
        ck_assert_uint_eq(result.broken, 0);
        auditdb_free(db);
        ck_assert_int_eq(shell(".read sql/queries/chain.sql", output, sizeof(output)), 0);
        ck_assert_msg(strncmp(output, "ok|", 3) == 0, "%s", output);
}

/* Row 1 is a head of now: what is older than it lies behind it, and stays. Only a prefix goes. */
START_TEST(only_a_prefix_goes)
{
        fill(20);
        struct prune_result result = must_prune((struct prune){ .before_us = FIRST_US + 15, .through = INT64_MAX });
        ck_assert_int_eq(result.rows, 0);
        must_shell("SELECT min(seq), max(seq) FROM event", "1|20\n");
}
END_TEST

static void fill_old(int rows)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct keyinit made;

        for (int i = 1; i < rows; i++)
                must_append(db, i);
        made = must_make_keys(db, false);
        keys.keys[0] = made.first;
        keys.key_count = 1;
        auditdb_free(db);
}

START_TEST(what_is_older_goes_in_chunks)
{
        struct prune_result result;

        fill_old(40);
        result = must_prune((struct prune){
                .before_us = FIRST_US + 26, .through = INT64_MAX, .sinks = (char *[]){ (char[]){ "loki" }, NULL } });
        ck_assert(result.rows == 25 && result.anchor == 25 && !result.stopped);
        must_shell("SELECT min(seq), max(seq) FROM event; SELECT seq FROM anchor", "26|43\n25\n");
        must_shell("SELECT rec ->> '$.first', rec ->> '$.anchor', rec ->> '$.reason', rec ->> '$.sinks', rec ->> "
                   "'$.newest', mac IS "
                   "NOT NULL FROM event WHERE kind = 'prune'",
                   "1|10|age|[\"loki\"]|1700000000000010|1\n11|20|age|[\"loki\"]|1700000000000020|1\n"
                   "21|25|age|[\"loki\"]|1700000000000025|1\n");
        must_be_whole(db_path);
        result = must_prune((struct prune){ .before_us = FIRST_US + 26, .through = INT64_MAX });
        ck_assert(result.rows == 0 && result.anchor == 25);
}
END_TEST

START_TEST(what_is_not_acknowledged_stays)
{
        struct prune_result result;

        fill_old(40);
        result = must_prune((struct prune){ .before_us = FIRST_US + 26, .through = 17 });
        ck_assert(result.rows == 17 && result.anchor == 17 && result.stopped);
        must_shell("SELECT min(seq) FROM event", "18\n");
        result = must_prune((struct prune){ .size_most = 1, .through = 17 });
        ck_assert(result.rows == 0 && result.stopped);
        result = must_prune((struct prune){ .before_us = FIRST_US + 18, .through = 17 });
        ck_assert(result.rows == 0 && !result.stopped);
        must_be_whole(db_path);
}
END_TEST

START_TEST(the_row_of_a_cursor_stays)
{
        struct prune_result result;

        fill_old(40);
        result = must_prune((struct prune){ .before_us = FIRST_US + 21, .through = 20, .spare = 20 });
        ck_assert(result.rows == 19 && !result.stopped);
        must_shell("SELECT min(seq) FROM event", "20\n");
        result = must_prune((struct prune){ .before_us = FIRST_US + 22, .through = 20, .spare = 20 });
        ck_assert(result.rows == 0 && result.stopped);
        must_be_whole(db_path);
}
END_TEST

START_TEST(it_can_be_done_for_size)
{
        struct prune_result result;
        uint64_t size = 0;
        struct auditdb *db;

        fill_old(2000);
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(auditdb_size(db, &size, &why), 0);
        auditdb_free(db);
        result = must_prune((struct prune){ .size_most = size / 2, .through = INT64_MAX, .chunk = 100 });
        ck_assert(result.size <= size / 2 && result.size > size / 4 && result.rows >= 800 && result.rows < 1500 &&
                  !result.stopped);
        must_be_whole(db_path);
        /* More than can be had: all that was there goes, and it ends. */
        result = must_prune((struct prune){ .size_most = 1, .through = INT64_MAX, .chunk = 100 });
        ck_assert_int_gt(result.rows, 400);
        must_shell("SELECT count(*) > 0, sum(kind = 'prune') = count(*) FROM event", "1|1\n");
        must_be_whole(db_path);
        db = must_open(AUDITDB_WRITE);
        must_append(db, 1);
        auditdb_free(db);
        must_be_whole(db_path);
}
END_TEST

START_TEST(a_copy_is_whole)
{
        struct auditdb *db;
        int fd;

        fill_old(50);
        must_prune((struct prune){ .before_us = FIRST_US + 26, .through = INT64_MAX });
        fd = open(beside("-copy"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        close(fd);
        db = must_open(AUDITDB_WRITE);
        ck_assert_msg(auditdb_snapshot(db, beside("-copy"), &why) == 0, "%s", why.text);
        auditdb_free(db);
        must_be_whole(beside("-copy"));
        ck_assert_int_lt(access(beside("-copy-wal"), F_OK), 0);
}
END_TEST

static unsigned edited;

/* Called when the clock is seen to go back, in the middle of the rows: another process prunes over the place where we are. */
static void prune_meanwhile(void *context, const struct verify_finding *finding)
{
        bool *done = context;
        pid_t pid;

        if (finding->kind == VERIFY_EDITED && finding->first == 5 && finding->last == 5)
                edited++;
        else
                ck_assert_msg(finding->kind >= VERIFY_BROKEN_COUNT, "%s", finding->text);
        if (finding->kind != VERIFY_NOTE_CLOCK || *done)
                return;
        *done = true;
        pid = fork();
        if (pid == 0) {
                must_prune((struct prune){ .size_most = 1, .through = 2500, .chunk = 2500 });
                _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* Verifies 3000 rows, 2500 of which are pruned meanwhile. */
static struct verify_result verify_and_prune(const char *attack)
{
        struct verify_witnesses witnesses = { .keys = &keys };
        struct verify_result result = { .broken = 100 };
        struct auditdb *db = must_open(AUDITDB_WRITE);
        bool done = false;

        for (int i = 1; i <= 3000; i++)
                must_append(db, i == 1500 ? 20000000 : i);
        auditdb_free(db);
        as_root(attack);
        db = must_open(AUDITDB_READ);
        ck_assert_int_eq(auditdb_verify_with(db, &witnesses, prune_meanwhile, &done, &result, &why), 0);
        ck_assert(done && result.anchor == 2500 && result.last == 3001);
        auditdb_free(db);
        return result;
}

START_TEST(pruning_is_no_attack)
{
        ck_assert_uint_eq(verify_and_prune("").broken, 0);
}
END_TEST

START_TEST(what_was_broken_is_told_though_it_is_pruned_then)
{
        ck_assert_uint_eq(
                verify_and_prune("UPDATE event SET rec = replace(rec, 'hosts', 'nosts') WHERE seq = 5").broken, 1);
        ck_assert_uint_eq(edited, 1);
}
END_TEST

static struct status must_tell(void)
{
        struct auditdb *db = must_open(AUDITDB_READ_ANY);
        struct status status;

        ck_assert_msg(auditdb_status(db, "b0", &status, &why) == 0, "%s", why.text);
        auditdb_free(db);
        return status;
}

START_TEST(the_state_is_told)
{
        char *missing[] = { (char[]){ "scope" }, NULL };
        struct rec_open rec = { .time_us = FIRST_US + 100, .session = SESSION, .boot = "b0", .missing = missing };
        struct buf buf = BUF_INIT(4096);
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct status status = must_tell();

        ck_assert(status.last == 0 && status.key == STATUS_KEY_NONE && status.head_seq == -1 && status.missing == NULL);
        auditdb_free(db);
        fill_old(40);
        must_prune((struct prune){ .before_us = FIRST_US + 26, .through = INT64_MAX });
        db = must_open(AUDITDB_WRITE);
        rec_put_open(&buf, &rec);
        ck_assert_int_eq(auditdb_append(db, buf.data, buf.length, NULL, &why), 0);
        status = must_tell();
        ck_assert(status.anchor == 25 && status.last == 44 && status.key == STATUS_KEY_GOOD && status.key_seq == 45);
        ck_assert(status.oldest_us == FIRST_US + 26 && status.head_seq == 39 && status.open_sessions == 1 &&
                  status.used > 0);
        ck_assert_str_eq(status.missing, "[\"scope\"]");
        status_clear(&status);
        must_close(db);
        auditdb_free(db);
        status = must_tell();
        ck_assert_int_eq(status.open_sessions, 0);
        status_clear(&status);
        as_root("DELETE FROM event WHERE seq > 40; UPDATE sqlite_sequence SET seq = 40");
        status = must_tell();
        ck_assert_int_eq(status.key, STATUS_KEY_AHEAD);
        status_clear(&status);
        unlink(beside("-key"));
        status = must_tell();
        ck_assert_int_eq(status.key, STATUS_KEY_GONE);
        status_clear(&status);
        buf_free(&buf);
}
END_TEST

/* On a full disk the ballast of another file makes room, and what was done before is not done twice. */
START_TEST(a_full_disk_is_said_and_goes_on)
{
        char name[128];
        char *block = calloc(1, 1024 * 1024);
        struct prune prune = { .before_us = FIRST_US + 1900, .through = INT64_MAX, .chunk = 1500, .auid = -1 };
        struct prune_result result = { 0 };
        struct auditdb *db;
        int fd;
        int r;

        if (!mount_tmpfs("size=6m", "a_full_disk_is_said_and_goes_on"))
                return;
        fill_old(2000);
        db = must_open(AUDITDB_WRITE);
        must_shell("PRAGMA wal_checkpoint(TRUNCATE)", NULL); /* as after a restart: the log must grow again */
        snprintf(name, sizeof(name), "%s/rest", home);
        fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        while (write(fd, block, 4096) == 4096)
                ;
        close(fd);
        r = auditdb_prune(db, &prune, &result, &why);
        ck_assert_msg(r == -ENOSPC && strstr(why.text, "disk is full") != NULL, "%d %s", r, why.text);
        ck_assert_int_eq(append_line(db, 1, "x", 1, NULL), -ENOSPC);
        ck_assert_int_eq(unlink(name), 0);
        r = auditdb_prune(db, &prune, &result, &why);
        ck_assert_msg(r == 0 && result.rows == 1899, "%d %s", r, why.text);
        must_append(db, 1);
        auditdb_free(db);
        must_be_whole(db_path);
        free(block);
}
END_TEST

static void write_for_ever(int end)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int64_t seq;

        for (;;) {
                ck_assert_msg(append_line(db, 1, "cat", 3, &seq) == 0, "%s", why.text);
                ck_assert_int_eq(write(end, &seq, sizeof(seq)), sizeof(seq));
        }
}

static void prune_for_ever(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct prune prune = { .size_most = 1, .through = INT64_MAX, .chunk = 7, .auid = -1 };

        for (;;) {
                struct prune_result result = { 0 };

                ck_assert_msg(auditdb_prune(db, &prune, &result, &why) == 0, "%s", why.text);
        }
}

/* Writers and a pruner beside each other, each killed at any moment, again and again; and a verification in between that must not take
 * the pruning for an attack. */
START_TEST(writers_and_pruners_are_killed)
{
        enum { PROCESSES = 5, KILLS = 40 };
        pid_t children[PROCESSES] = { 0 };
        int64_t acknowledged = 0;
        int ends[2];
        int64_t seq;

        fill_old(3);
        ck_assert_int_eq(pipe(ends), 0);
        for (int i = 0; i < KILLS + PROCESSES; i++) {
                pid_t *child = &children[i % PROCESSES];

                if (*child > 0) {
                        for (int n = 0; n < 5; n++)
                                ck_assert_int_eq(read(ends[0], &seq, sizeof(seq)), sizeof(seq));
                        acknowledged = seq > acknowledged ? seq : acknowledged;
                        kill(*child, SIGKILL);
                        ck_assert_int_eq(waitpid(*child, NULL, 0), *child);
                        if (i % 10 == 0 && i < KILLS)
                                must_be_whole(db_path);
                }
                if (i >= KILLS)
                        continue;
                *child = fork();
                if (*child == 0) {
                        if (i % PROCESSES == 0)
                                prune_for_ever();
                        write_for_ever(ends[1]);
                }
        }
        struct status status = must_tell();
        ck_assert_int_ge(status.last, acknowledged);
        ck_assert_int_gt(status.anchor, 0);
        status_clear(&status);
        must_be_whole(db_path);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                only_a_prefix_goes,
                what_is_older_goes_in_chunks,
                what_is_not_acknowledged_stays,
                the_row_of_a_cursor_stays,
                it_can_be_done_for_size,
                a_copy_is_whole,
                the_state_is_told,
                pruning_is_no_attack,
                what_was_broken_is_told_though_it_is_pruned_then,
                a_full_disk_is_said_and_goes_on,
                writers_and_pruners_are_killed,
        };

        return RUN_SUITE("sql/prune", tests);
}
