/* ctl/logline.c: records out of a real database, each one harmless line. */
#include "pam_diag/ctl/logline.h"
#include "tests/unit/sql_help.h"

enum { TIME_US = 1700000000 };

static char shown[8192];

static int show_row(void *context, const struct export_row *row)
{
        cleanup_buf struct buf line = BUF_INIT(LOGLINE_MOST);

        ck_assert_int_eq(logline_put(&line, row, context), 0);
        snprintf(shown, sizeof(shown), "%s", line.data);
        return 0;
}

/* Stores the record, reads it back and compares its line. */
static void must_read_as(struct auditdb *db, struct buf *rec, struct logline_style style, const char *wanted)
{
        int64_t seq = 0;

        ck_assert_int_eq(auditdb_append(db, rec->data, rec->length, &seq, &why), 0);
        ck_assert_int_eq(auditdb_export(db, &logline_table, seq - 1, 1, show_row, &style, &why), 0);
        ck_assert_str_eq(shown, wanted);
        buf_clear(rec);
}

static void must_read(struct auditdb *db, struct buf *rec, const char *wanted)
{
        must_read_as(db, rec, (struct logline_style){ 0 }, wanted);
}

#define HEAD "2023-11-14T22:13:20.000007Z 01234567 "
#define WHEN .time_us = (int64_t)TIME_US * 1000000 + 7, .session = SESSION

START_TEST(every_kind_has_its_line)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb *db = must_open(AUDITDB_WRITE);

        ck_assert_int_eq(rec_put_open(&rec, &(struct rec_open){ WHEN, .user = "diag", .client = "10.0.0.7",
                                                                .auth_method = "publickey", .key_type = "ssh-ed25519",
                                                                .key = "SHA256:abc" }),
                         0);
        must_read(db, &rec, HEAD "open diag from 10.0.0.7, publickey ssh-ed25519 SHA256:abc");
        ck_assert_int_eq(rec_put_exec(&rec, &(struct rec_exec){ WHEN, .invocation = 1, .verdict = "allow",
                                                                .line = "cat /etc/hosts", .line_length = 14 }),
                         0);
        must_read(db, &rec, HEAD "exec #1 allow \"cat /etc/hosts\"");
        ck_assert_int_eq(rec_put_exec(&rec, &(struct rec_exec){ WHEN, .invocation = 2, .verdict = "deny", .line = "x",
                                                                .line_length = 1, .reason = "x has no rule" }),
                         0);
        must_read(db, &rec, HEAD "exec #2 deny \"x\": x has no rule");
        ck_assert_int_eq(rec_put_child(&rec, &(struct rec_child){ WHEN, .invocation = 1, .verdict = "deny",
                                                                  .program = "/bin/sh", .reason = "not granted" }),
                         0);
        must_read(db, &rec, HEAD "child #1 deny \"/bin/sh\": not granted");
        ck_assert_int_eq(rec_put_monitor(&rec, &(struct rec_monitor){ WHEN, .program = "/bin/help" }), 0);
        must_read(db, &rec, HEAD "monitor \"/bin/help\"");
        auditdb_free(db);
}
END_TEST

START_TEST(ends_have_their_line)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb *db = must_open(AUDITDB_WRITE);

        ck_assert_int_eq(rec_put_exit(&rec, &(struct rec_exit){ WHEN, .invocation = 1, .status = 0, .how = "exited",
                                                                .duration_us = 12345 }),
                         0);
        must_read(db, &rec, HEAD "exit #1 status 0, exited, 12.345 ms");
        ck_assert_int_eq(rec_put_exit(&rec, &(struct rec_exit){ WHEN, .invocation = 2, .status = -1, .signal = 9,
                                                                .how = "timeout", .duration_us = 60001000,
                                                                .refused_children = 3 }),
                         0);
        must_read(db, &rec, HEAD "exit #2 signal 9, timeout, 60.001 s, 3 programs refused");
        ck_assert_int_eq(rec_put_exit(&rec, &(struct rec_exit){ WHEN, .invocation = 3, .status = -1, .how = "lost" }),
                         0);
        must_read(db, &rec, HEAD "exit #3 no status, lost, 0.000 ms");
        ck_assert_int_eq(rec_put_close(&rec, &(struct rec_close){ WHEN, .how = "closed", .commands = 3, .denied = 1,
                                                                  .duration_us = 1500000 }),
                         0);
        must_read(db, &rec, HEAD "close closed, 3 commands, 1 denied, 1.500 s");
        auditdb_free(db);
}
END_TEST

START_TEST(hostile_bytes_stay_on_one_harmless_line)
{
        static const char line[] = "cat \x1b[2J\n\xff \"a\": allowed \xe2\x80\xae\0.";
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb *db = must_open(AUDITDB_WRITE);

        ck_assert_int_eq(
                rec_put_exec(&rec, &(struct rec_exec){ WHEN, .invocation = 1, .verdict = "deny", .line = line,
                                                       .line_length = sizeof(line) - 1, .reason = "no \x1b[1m" }),
                0);
        must_read(db, &rec, HEAD "exec #1 deny \"cat \\x1b[2J\\n\\xff \\\"a\\\": allowed \\u202e\\x00.\": no \\x1b[1m");
        ck_assert_int_eq(rec_put_open(&rec, &(struct rec_open){ WHEN, .user = "a\nb", .client = "\x9b" }), 0);
        must_read(db, &rec, HEAD "open a\\nb from \\x9b");
        auditdb_free(db);
}
END_TEST

START_TEST(local_time_is_the_operators)
{
        cleanup_buf struct buf line = BUF_INIT(LOGLINE_MOST);
        struct export_row row = { .kind = "strange\n",
                                  .session = SESSION,
                                  .time_us = (int64_t)TIME_US * 1000000 + 7000 };

        ck_assert_int_eq(setenv("TZ", "XXX-3", 1), 0);
        ck_assert_int_eq(logline_put(&line, &row, &(struct logline_style){ .local = true }), 0);
        ck_assert_str_eq(line.data, "2023-11-15 01:13:20.007 01234567 strange\\n");
}
END_TEST

START_TEST(who_killed_and_whose_key)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb *db = must_open(AUDITDB_WRITE);
        const struct rec_operator by = { .uid = 0, .auid = 1000, .name = "a\x1b" };

        ck_assert_int_eq(rec_put_close(&rec, &(struct rec_close){ WHEN, .how = "killed", .by = &by }), 0);
        must_read(db, &rec, HEAD "close killed by a\\x1b (uid 0), 0 commands, 0 denied, 0.000 ms");
        ck_assert_int_eq(rec_put_open(&rec, &(struct rec_open){ WHEN, .user = "diag", .key = "SHA256:abc",
                                                                .key_name = "agent" }),
                         0);
        must_read(db, &rec, HEAD "open diag SHA256:abc (agent)");
        auditdb_free(db);
}
END_TEST

START_TEST(details_on_a_second_line)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb *db = must_open(AUDITDB_WRITE);
        const struct logline_style detail = { .detail = true };
        char *argv[] = { (char[]){ "cat" }, (char[]){ "\x1b\n" }, NULL };
        struct rec_stage stage = { .rule = "cat", .program = "/bin/cat", .argv = argv };
        int statuses[] = { 1 };

        ck_assert_int_eq(rec_put_exec(&rec, &(struct rec_exec){ WHEN, .invocation = 1, .verdict = "allow", .line = "x",
                                                                .line_length = 1, .hint = "try", .stages = &stage,
                                                                .stage_count = 1 }),
                         0);
        must_read_as(db, &rec, detail,
                     HEAD "exec #1 allow \"x\"\n    hint try, argv "
                          "[{\"rule\":\"cat\",\"program\":\"/bin/cat\",\"argv\":[\"cat\",\"\\u001b\\u000a\"]}]");
        ck_assert_int_eq(
                rec_put_exit(&rec, &(struct rec_exit){ WHEN, .invocation = 1, .status = 1, .how = "exited",
                                                       .user_us = 2, .system_us = 3, .max_rss_kb = 4, .stdout_bytes = 5,
                                                       .stage_status = statuses, .stage_count = 1 }),
                0);
        must_read_as(db, &rec, detail,
                     HEAD "exit #1 status 1, exited, 0.000 ms\n    stdout bytes 5, stderr bytes 0, "
                          "CPU us 5, memory KiB 4, stages [1]");
        ck_assert_int_eq(rec_put_open(&rec, &(struct rec_open){ WHEN, .user = "diag", .host = "web", .policy = "00" }),
                         0);
        must_read_as(db, &rec, detail, HEAD "open diag\n    host web, policy 00");
        auditdb_free(db);
}
END_TEST

START_TEST(colours_end_with_their_line)
{
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb *db = must_open(AUDITDB_WRITE);
        const struct logline_style paint = { .paint = true };

        ck_assert_int_eq(rec_put_exec(&rec, &(struct rec_exec){ WHEN, .invocation = 1, .verdict = "deny",
                                                                .line = "\033[0m", .line_length = 4 }),
                         0);
        must_read_as(db, &rec, paint, "\033[31m" HEAD "exec #1 deny \"\\x1b[0m\"\033[0m");
        ck_assert_int_eq(rec_put_exec(&rec, &(struct rec_exec){ WHEN, .invocation = 1, .verdict = "allow", .line = "x",
                                                                .line_length = 1 }),
                         0);
        must_read_as(db, &rec, paint, HEAD "exec #1 allow \"x\"");
        auditdb_free(db);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_logline");
        TCase *tcase = tcase_create("logline");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, every_kind_has_its_line);
        tcase_add_test(tcase, ends_have_their_line);
        tcase_add_test(tcase, hostile_bytes_stay_on_one_harmless_line);
        tcase_add_test(tcase, local_time_is_the_operators);
        tcase_add_test(tcase, who_killed_and_whose_key);
        tcase_add_test(tcase, details_on_a_second_line);
        tcase_add_test(tcase, colours_end_with_their_line);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
