/* sql/rec.c: the exact bytes of each kind, and that hostile text stays inside its string. */
#include "pam_diag/base/json.h"
#include "tests/unit/sql_help.h"

static char *list[] = { (char[]){ "a" }, (char[]){ "b\"c" }, NULL };
static const int statuses[] = { 0, 141 };

static void must_be(struct buf *buf, int r, const char *expected)
{
        ck_assert_int_eq(r, 0);
        ck_assert_str_eq(buf->data, expected);
        buf_clear(buf);
}

START_TEST(the_bytes_of_open)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        const struct rec_open open_rec = { .time_us = 7,
                                           .session = SESSION,
                                           .user = "diag",
                                           .uid = 1,
                                           .gid = 2,
                                           .auid = -1,
                                           .monitor = 3,
                                           .key = "SHA256:x",
                                           .key_name = "agent",
                                           .missing = list,
                                           .limits = "cgroup" };

        must_be(&buf, rec_put_open(&buf, &open_rec),
                "{\"v\":1,\"kind\":\"open\",\"time\":7,\"session\":\"" SESSION
                "\",\"user\":\"diag\",\"uid\":1,\"gid\":2,"
                "\"auid\":-1,\"client\":null,\"service\":null,\"tty\":null,\"auth_method\":null,\"key_type\":null,"
                "\"key\":\"SHA256:x\",\"key_name\":\"agent\",\"policy\":null,\"host\":null,\"boot\":null,\"boot_us\":0,"
                "\"monitor\":3,"
                "\"version\":null,"
                "\"missing\":[\"a\",\"b\\\"c\"],\"limits\":\"cgroup\"}");
        buf_free(&buf);
}
END_TEST

START_TEST(the_bytes_of_exec)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        const struct rec_stage stage = { .rule = "cat", .program = "/bin/cat", .argv = list, .words = list };
        struct rec_exec exec_rec = { .time_us = 7,
                                     .session = SESSION,
                                     .invocation = 1,
                                     .verdict = "allow",
                                     .line = "cat a",
                                     .line_length = 5,
                                     .tty = true,
                                     .stages = &stage,
                                     .stage_count = 1 };

        must_be(&buf, rec_put_exec(&buf, &exec_rec),
                "{\"v\":1,\"kind\":\"exec\",\"time\":7,\"session\":\"" SESSION
                "\",\"invocation\":1,\"verdict\":\"allow\","
                "\"line\":\"cat a\",\"tty\":true,\"client_port\":0,\"cwd\":null,\"code\":null,\"rule\":null,"
                "\"reason\":null,\"hint\":null,\"word\":0,\"position\":0,\"stages\":[{\"rule\":\"cat\",\"program\":"
                "\"/bin/cat\",\"argv\":[\"a\",\"b\\\"c\"]}]}");
        exec_rec.verdict = "deny";
        exec_rec.line_length = 0;
        exec_rec.line = NULL;
        must_be(&buf, rec_put_exec(&buf, &exec_rec),
                "{\"v\":1,\"kind\":\"exec\",\"time\":7,\"session\":\"" SESSION
                "\",\"invocation\":1,\"verdict\":\"deny\","
                "\"line\":\"\",\"tty\":true,\"client_port\":0,\"cwd\":null,\"code\":null,\"rule\":null,"
                "\"reason\":null,\"hint\":null,\"word\":0,\"position\":0,\"stages\":[{\"words\":[\"a\",\"b\\\"c\"]}]}");
        buf_free(&buf);
}
END_TEST

START_TEST(the_bytes_of_child_and_monitor)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        const struct rec_child child = { .time_us = 7,
                                         .session = SESSION,
                                         .verdict = "deny",
                                         .pid = 9,
                                         .uid = 1,
                                         .program = "/bin/sh",
                                         .argv = list,
                                         .truncated = true };
        const struct rec_monitor monitor = { .time_us = 7, .session = SESSION, .pid = 9, .program = "/sbin/x" };

        must_be(&buf, rec_put_child(&buf, &child),
                "{\"v\":1,\"kind\":\"child\",\"time\":7,\"session\":\"" SESSION
                "\",\"invocation\":0,\"verdict\":\"deny\","
                "\"pid\":9,\"uid\":1,\"program\":\"/bin/sh\",\"argv\":[\"a\",\"b\\\"c\"],\"truncated\":true,"
                "\"reason\":null}");
        must_be(&buf, rec_put_monitor(&buf, &monitor),
                "{\"v\":1,\"kind\":\"monitor\",\"time\":7,\"session\":\"" SESSION
                "\",\"pid\":9,\"program\":\"/sbin/x\","
                "\"argv\":[]}");
        buf_free(&buf);
}
END_TEST

START_TEST(the_bytes_of_exit_and_close)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        const struct rec_exit exit_rec = { .time_us = 7,
                                           .session = SESSION,
                                           .invocation = 2,
                                           .status = 141,
                                           .how = "exited",
                                           .duration_us = 5,
                                           .stage_status = statuses,
                                           .stage_count = 2 };
        const struct rec_operator by = { .uid = 0, .auid = -1, .name = "a\"b" };
        const struct rec_close close_rec = {
                .time_us = 7, .session = SESSION, .how = "closed", .commands = 2, .denied = 1, .duration_us = 8
        };
        const struct rec_close killed_rec = {
                .time_us = 7, .session = SESSION, .how = "killed", .by = &by, .audit_lost = 3
        };

        must_be(&buf, rec_put_exit(&buf, &exit_rec),
                "{\"v\":1,\"kind\":\"exit\",\"time\":7,\"session\":\"" SESSION "\",\"invocation\":2,\"status\":141,"
                "\"signal\":0,\"how\":\"exited\",\"duration_us\":5,\"user_us\":0,\"system_us\":0,\"max_rss_kb\":0,"
                "\"stdout_bytes\":0,\"stderr_bytes\":0,\"stage_status\":[0,141],\"refused_children\":0}");
        must_be(&buf, rec_put_close(&buf, &close_rec),
                "{\"v\":1,\"kind\":\"close\",\"time\":7,\"session\":\"" SESSION "\",\"how\":\"closed\",\"commands\":2,"
                "\"denied\":1,\"duration_us\":8,\"by\":null,\"audit_lost\":0}");
        must_be(&buf, rec_put_close(&buf, &killed_rec),
                "{\"v\":1,\"kind\":\"close\",\"time\":7,\"session\":\"" SESSION "\",\"how\":\"killed\",\"commands\":0,"
                "\"denied\":0,\"duration_us\":0,\"by\":{\"uid\":0,\"auid\":-1,\"name\":\"a\\\"b\"},\"audit_lost\":3}");
        buf_free(&buf);
}
END_TEST

/* Every kind is stored, so every kind fits the schema's CHECKs. */
START_TEST(kinds_are_stored)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        const struct rec_open open_rec = { .time_us = 1, .session = SESSION };
        const struct rec_child child = { .time_us = 1, .session = SESSION, .verdict = "allow", .argv = list };
        const struct rec_monitor monitor = { .time_us = 1, .session = SESSION };
        const struct rec_close close_rec = { .time_us = 1, .session = SESSION, .how = "closed" };

        for (int i = 0; i < 4; i++) {
                int r = i == 0   ? rec_put_open(&buf, &open_rec)
                        : i == 1 ? rec_put_child(&buf, &child)
                        : i == 2 ? rec_put_monitor(&buf, &monitor)
                                 : rec_put_close(&buf, &close_rec);

                ck_assert_int_eq(r, 0);
                ck_assert_msg(auditdb_append(db, buf.data, buf.length, NULL, &why) == 0, "%s", why.text);
                buf_clear(&buf);
        }
        buf_free(&buf);
        auditdb_free(db);
        must_shell("SELECT group_concat(kind) FROM event", "open,child,monitor,close\n");
}
END_TEST

/* All 256 bytes, NUL included, come back by SQLite's own JSON reader and json_restore_bytes. */
START_TEST(every_byte_comes_back)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char line[256 + 8];
        char hex[8192];
        char text[4096];
        size_t length = 0;

        for (int i = 0; i < 256; i++)
                line[i] = (char)i;
        memcpy(line + 256, "\xf4\x8f\xb9\x81\xc3\xa9\xed\xa0", 8); /* U+10FE41 itself, é, half a surrogate */
        ck_assert_int_eq(append_line(db, 1, line, sizeof(line), NULL), 0);
        auditdb_free(db);
        must_shell("SELECT length(rec) = length(CAST(rec AS BLOB)) FROM event", "0\n");
        must_shell(
                "SELECT count(*) FROM event WHERE instr(rec, char(10)) OR instr(rec, char(27)) OR instr(rec, char(0))",
                "0\n");
        ck_assert_int_eq(shell("SELECT hex(rec ->> '$.line') FROM event", hex, sizeof(hex)), 0);
        for (const char *c = hex; c[0] != '\n' && c[0] != '\0'; c += 2)
                text[length++] = (char)strtoul((char[]){ c[0], c[1], '\0' }, NULL, 16);
        ck_assert_uint_eq(json_restore_bytes(text, length), sizeof(line));
        ck_assert_mem_eq(text, line, sizeof(line));
}
END_TEST

START_TEST(what_means_nothing_is_refused)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct rec_close rec = { .time_us = 1, .session = SESSION, .how = "closed" };
        struct rec_exec exec_rec = { .time_us = 1, .session = SESSION, .verdict = "allow" };

        rec.session = NULL;
        ck_assert_int_eq(rec_put_close(&buf, &rec), -EINVAL);
        rec.session = "0123456789ABCDEF0123456789abcdef";
        ck_assert_int_eq(rec_put_close(&buf, &rec), -EINVAL);
        rec.session = "0123456789abcdef0123456789abcde";
        ck_assert_int_eq(rec_put_close(&buf, &rec), -EINVAL);
        rec.session = SESSION;
        rec.time_us = 0;
        ck_assert_int_eq(rec_put_close(&buf, &rec), -EINVAL);
        rec.time_us = 1;
        rec.how = NULL;
        ck_assert_int_eq(rec_put_close(&buf, &rec), -EINVAL);
        ck_assert_int_eq(rec_put_exec(&buf, &exec_rec), -EINVAL);
        buf_free(&buf);
        buf = BUF_INIT(100);
        rec.how = "closed";
        ck_assert_int_eq(rec_put_close(&buf, &rec), -EMSGSIZE);
        buf_free(&buf);
}
END_TEST

START_TEST(the_bytes_of_head_and_prune)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct rec_head head = { .time_us = 7,
                                 .log = "pam_diag/x",
                                 .seq = 12,
                                 .hash = "aa",
                                 .reason = "close",
                                 .boot = "b",
                                 .boot_us = 5,
                                 .note = "pam_diag/x\n12\n" };
        struct rec_prune prune = { .time_us = 7,
                                   .host = "web",
                                   .first = 3,
                                   .anchor_seq = 9,
                                   .anchor_hash = "aa",
                                   .anchor_mac = "bb",
                                   .oldest_us = 1,
                                   .newest_us = 2,
                                   .reason = "age",
                                   .sinks = list,
                                   .auid = -1 };

        must_be(&buf, rec_put_head(&buf, &head),
                "{\"v\":1,\"kind\":\"head\",\"time\":7,\"session\":\"" REC_NO_SESSION
                "\",\"host\":null,\"log\":\"pam_diag/x\","
                "\"head\":12,\"head_hash\":\"aa\",\"reason\":\"close\",\"boot\":\"b\",\"boot_us\":5,\"verifier\":null,"
                "\"note\":\"pam_diag/x\\u000a12\\u000a\"}");
        must_be(&buf, rec_put_prune(&buf, &prune),
                "{\"v\":1,\"kind\":\"prune\",\"time\":7,\"session\":\"" REC_NO_SESSION
                "\",\"host\":\"web\",\"first\":3,\"anchor\":9,\"anchor_hash\":\"aa\",\"anchor_mac\":\"bb\",\"oldest\":"
                "1,\"newest\":2,"
                "\"reason\":\"age\",\"sinks\":[\"a\",\"b\\\"c\"],\"uid\":0,\"auid\":-1}");
        head.hash = NULL;
        ck_assert_int_eq(rec_put_head(&buf, &head), -EINVAL);
        prune.anchor_seq = 2;
        ck_assert_int_eq(rec_put_prune(&buf, &prune), -EINVAL);
        buf_free(&buf);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { the_bytes_of_open,
                                       the_bytes_of_exec,
                                       the_bytes_of_child_and_monitor,
                                       the_bytes_of_exit_and_close,
                                       the_bytes_of_head_and_prune,
                                       kinds_are_stored,
                                       every_byte_comes_back,
                                       what_means_nothing_is_refused };

        return RUN_SUITE("sql/rec", tests);
}
