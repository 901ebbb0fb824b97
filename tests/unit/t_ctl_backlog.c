/* ctl/backlog.c, ballast.c, bytes.c: what the sinks have, what keeps room, and sizes. */
#include "pam_diag/ctl/backlog.h"

#include <errno.h>
#include <sys/stat.h>

#include "pam_diag/ctl/ballast.h"
#include "pam_diag/ctl/bytes.h"
#include "shipper/cursor.h"
#include "tests/unit/sql_help.h"

static char state[128];
static char config[128];

static void places(void)
{
        snprintf(state, sizeof(state), "%s/ship", home);
        snprintf(config, sizeof(config), "%s/ship.conf", home);
}

static void write_text(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
}

/* As diag-ship itself writes it. */
static void put_cursor(const char *name, const char *sink, const struct cursor *cursor)
{
        struct fault fault = { 0 };
        int directory;

        (void)mkdir(state, 0700);
        directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(directory, 0);
        ck_assert_msg(cursor_save(directory, name, sink, cursor, &fault) == 0, "%s", fault.text);
        close(directory);
}

static int take_row(void *context, const struct auditdb_row *row)
{
        struct cursor *cursor = context;

        cursor->seq = row->seq;
        memcpy(cursor->hash, row->hash, sizeof(cursor->hash));
        return 1;
}

static struct cursor cursor_at(struct auditdb *db, int64_t seq)
{
        struct cursor cursor = { .seq = 0 };

        strcpy(cursor.uuid, auditdb_uuid(db));
        ck_assert_int_eq(auditdb_each(db, seq - 1, 1, take_row, &cursor, &why), 0);
        return cursor;
}

START_TEST(nothing_is_no_error)
{
        struct backlog backlog = { 0 };

        places();
        ck_assert_int_eq(backlog_read(config, state, &backlog, &why), 0);
        ck_assert_uint_eq(backlog.count, 0);
        ck_assert_int_eq(mkdir(state, 0700), 0);
        write_text(config, "# none\n");
        ck_assert_int_eq(backlog_read(config, state, &backlog, &why), 0);
        ck_assert_uint_eq(backlog.count, 0);
        rmdir(state);
}
END_TEST

START_TEST(sinks_of_either_kind_count)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct backlog backlog = { 0 };
        struct cursor cursor;
        int64_t seq = -1;
        char name[256];

        places();
        for (int i = 1; i <= 9; i++)
                must_append(db, i);
        write_text(config, "[sink loki]\ntype = loki\nurl = http://x/\n[sink new]\ntype = jsonl\n");
        cursor = cursor_at(db, 4);
        put_cursor("loki-1.cursor", "loki", &cursor);
        cursor = cursor_at(db, 7);
        put_cursor("by-hand-1.cursor", "jsonl:/var/log/x", &cursor);
        snprintf(name, sizeof(name), "%s/lock", state);
        write_text(name, "");
        ck_assert_msg(backlog_read(config, state, &backlog, &why) == 0, "%s", why.text);
        ck_assert_uint_eq(backlog.count, 3);
        for (size_t i = 0; i < 3; i++) {
                const struct backlog_sink *sink = &backlog.sinks[i];
                bool by_hand = strncmp(sink->name, "jsonl", 5) == 0;

                ck_assert_int_eq(backlog_seq(sink, db, &seq, &why), 0);
                ck_assert_int_eq(seq, by_hand ? 7 : strcmp(sink->name, "loki") == 0 ? 4 : 0);
                ck_assert(sink->configured != by_hand);
                ck_assert((sink->moved_us > 0) == (seq > 0));
        }
        backlog_free(&backlog);
        auditdb_free(db);
}
END_TEST

START_TEST(a_cursor_of_other_rows_acknowledges_nothing)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct backlog backlog = { 0 };
        struct cursor cursor;
        int64_t seq = -1;

        places();
        must_append(db, 1);
        must_append(db, 2);
        cursor = cursor_at(db, 2);
        cursor.hash[0] ^= 1;
        put_cursor("a.cursor", "a", &cursor);
        cursor = cursor_at(db, 2);
        cursor.uuid[0] = cursor.uuid[0] == '0' ? '1' : '0';
        put_cursor("b.cursor", "b", &cursor);
        cursor = cursor_at(db, 2);
        cursor.seq = 3;
        put_cursor("c.cursor", "c", &cursor);
        ck_assert_int_eq(backlog_read(config, state, &backlog, &why), 0);
        ck_assert_uint_eq(backlog.count, 3);
        for (size_t i = 0; i < 3; i++) {
                ck_assert_int_eq(backlog_seq(&backlog.sinks[i], db, &seq, &why), 0);
                ck_assert_msg(seq == 0, "%s", backlog.sinks[i].name);
        }
        backlog_free(&backlog);
        auditdb_free(db);
}
END_TEST

START_TEST(what_is_damaged_is_said)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char text[CURSOR_TEXT_MOST];
        struct backlog backlog = { 0 };
        struct backlog_sink sink;
        struct cursor cursor;
        char name[256];
        char *sink_name = NULL;

        places();
        must_append(db, 1);
        cursor = cursor_at(db, 1);
        ck_assert_int_eq(cursor_print("loki", &cursor, text), 0);
        ck_assert_int_eq(backlog_parse(text, strlen(text), &sink, &sink_name), 0);
        ck_assert_str_eq(sink_name, "loki");
        free(sink_name);
        for (size_t i = 0; text[i] != '\0'; i++) {
                text[i] ^= 1;
                ck_assert_msg(backlog_parse(text, strlen(text), &sink, &sink_name) == -EBADMSG, "byte %zu", i);
                text[i] ^= 1;
                ck_assert_int_eq(backlog_parse(text, i, &sink, &sink_name), -EBADMSG);
        }
        ck_assert_int_eq(mkdir(state, 0700), 0);
        snprintf(name, sizeof(name), "%s/x.cursor", state);
        write_text(name, "pam_diag cursor 1\n");
        ck_assert_int_eq(backlog_read(config, state, &backlog, &why), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(why.text, "x.cursor"));
        unlink(name);
        rmdir(state);
        write_text(config, "[sink\n");
        ck_assert_int_eq(backlog_read(config, state, &backlog, &why), -EINVAL);
        ck_assert_ptr_nonnull(strstr(why.text, "ship.conf"));
        ck_assert_uint_eq(backlog.count, 0);
        auditdb_free(db);
}
END_TEST

START_TEST(the_ballast_takes_room)
{
        char *path = ballast_path(db_path);
        struct stat info;

        if (!mount_tmpfs("size=4m", "the_ballast_takes_room"))
                return;
        ck_assert_int_eq(ballast_release(path), -ENOENT);
        ck_assert_int_eq(ballast_make(path, 1024 * 1024), 0);
        ck_assert_int_eq(stat(path, &info), 0);
        ck_assert(info.st_blocks * 512 >= 1024 * 1024 && (info.st_mode & 0777) == 0600);
        ck_assert_int_eq(ballast_make(path, 1024 * 1024), 0);
        ck_assert_int_eq(ballast_release(path), 0);
        ck_assert_int_lt(stat(path, &info), 0);
        /* Not when it would be the one to fill the disk. */
        ck_assert_int_eq(ballast_make(path, 3 * 1024 * 1024), 0);
        ck_assert_int_lt(stat(path, &info), 0);
        ck_assert_int_eq(ballast_make(path, 0), 0);
        ck_assert_int_lt(stat(path, &info), 0);
        free(path);
}
END_TEST

START_TEST(sizes)
{
        static const char *const wrong[] = { "",           "G", "2GB", "-1", "1.5G", "2g", " 2", "9223372036854775808",
                                             "9999999999G" };
        uint64_t bytes = 7;
        char text[BYTES_TEXT_SIZE];

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(bytes_parse(wrong[i], &bytes) < 0 && bytes == 7, "%s", wrong[i]);
        ck_assert(bytes_parse("0", &bytes) == 0 && bytes == 0);
        ck_assert(bytes_parse("3K", &bytes) == 0 && bytes == 3072);
        ck_assert(bytes_parse("2G", &bytes) == 0 && bytes == UINT64_C(2) << 30);
        bytes_print(1023, text);
        ck_assert_str_eq(text, "1023 bytes");
        bytes_print(1536, text);
        ck_assert_str_eq(text, "1.5 KiB");
        bytes_print(UINT64_C(5) << 40, text);
        ck_assert_str_eq(text, "5.0 TiB");
}
END_TEST

static void teardown_state(void)
{
        char command[256];

        snprintf(command, sizeof(command), "rm -rf %s/ship", home);
        ck_assert_int_eq(system(command), 0);
        teardown();
}

int main(void)
{
        const TTest *const tests[] = {
                nothing_is_no_error,     sinks_of_either_kind_count, a_cursor_of_other_rows_acknowledges_nothing,
                what_is_damaged_is_said, the_ballast_takes_room,     sizes
        };
        Suite *suite = suite_create("ctl/backlog");
        TCase *tcase = tcase_create("ctl/backlog");
        SRunner *runner = srunner_create(suite);
        int failed;

        tcase_add_checked_fixture(tcase, setup, teardown_state);
        for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
                tcase_add_test(tcase, tests[i]);
        suite_add_tcase(suite, tcase);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
