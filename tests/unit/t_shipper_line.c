/* shipper/line.c, fields.c, and the journal's form: the exact bytes of a line. */
#include "shipper/fields.h"
#include "shipper/line.h"
#include "shipper/sinks/journal_entry.h"
#include "shipper/text.h"
#include "tests/unit/sql_help.h"

static struct auditdb *db;
static struct buf lines = { .most = 1 << 24 };

static void put(struct buf *buf)
{
        ck_assert_msg(auditdb_append(db, buf->data, buf->length, NULL, &why) == 0, "%s", why.text);
        buf_free(buf);
}

static void put_open(const char *session, const char *host)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct rec_open rec = { .time_us = 1700000000000001,
                                .session = session,
                                .user = "diag",
                                .auid = -1,
                                .client = "::1",
                                .host = host,
                                .key = "SHA256:k" };

        ck_assert_int_eq(rec_put_open(&buf, &rec), 0);
        put(&buf);
}

static int take_line(void *context, const struct export_row *row)
{
        (void)context;
        return line_put(&lines, db, row, 0);
}

static int take_entry(void *context, const struct export_row *row)
{
        (void)context;
        return journal_entry_put(&lines, db, row);
}

/* The rows after `after`, in `lines`. */
static void export_after(int64_t after, int (*take)(void *, const struct export_row *))
{
        buf_clear(&lines);
        ck_assert_msg(auditdb_export(db, &fields_table, after, 1000, take, NULL, &why) == 0, "%s", why.text);
        ck_assert_int_eq(lines.error, 0);
}

static void must_have(const char *text)
{
        ck_assert_msg(strstr(lines.data, text) != NULL, "%s is not in %s", text, lines.data);
}

static void must_not_have(const char *text)
{
        ck_assert_msg(strstr(lines.data, text) == NULL, "%s is in %s", text, lines.data);
}

START_TEST(a_line_has_its_fields_in_order)
{
        char expected[2048];

        db = must_open(AUDITDB_WRITE);
        put_open(SESSION, "web-02");
        ck_assert_int_eq(append_line(db, 1, "cat /etc/hosts", 14, NULL), 0);
        export_after(1, take_line);
        snprintf(expected, sizeof(expected),
                 "{\"log.record.uid\":\"%s:2\",\"time\":\"2023-11-14T22:13:20.000001Z\",\"eventName\":\"diag.exec\","
                 "\"severityText\":\"INFO\",\"body\":\"exec allow diag@::1 #1: cat /etc/hosts [rule "
                 "cat]\",\"session.id\":\"" SESSION
                 "\",\"host.name\":\"web-02\",\"user.name\":\"diag\",\"client.address\":\"::1\","
                 "\"diag.ssh.key.fingerprint\":\"SHA256:k\",\"diag.invocation\":1,\"diag.verdict\":\"allow\","
                 "\"security_rule.name\":\"cat\",\"process.command_line\":\"cat /etc/hosts\","
                 "\"process.executable.path\":\"/usr/bin/cat\",\"process.command_args\":[\"cat\",\"/etc/hosts\"],"
                 "\"diag.chain\":\"",
                 auditdb_uuid(db));
        ck_assert_msg(strncmp(lines.data, expected, strlen(expected)) == 0, "%s", lines.data);
        must_have("\",\"diag.rec\":{\"v\":1,\"kind\":\"exec\",");
        ck_assert_str_eq(lines.data + lines.length - 5, "}]}}\n");
        auditdb_free(db);
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, "a\xff\xfe\0b\n\x1b\"\xc3\xa9", 10, NULL), 0);
        export_after(0, take_line);
        must_have("\"process.command_line\":\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                  "b\\u000a\\u001b\\\"\xc3\xa9\",\"process.command_line_base64\":\"Yf/+AGIKGyLDqQ==\"");
        ck_assert_ptr_eq(strchr(lines.data, '\n'), lines.data + lines.length - 1);
        auditdb_free(db);
}
END_TEST

static int take_short_line(void *context, const struct export_row *row)
{
        return line_put(&lines, db, row, *(size_t *)context);
}

/* What is longer than the sink takes goes out short, and every part of it is still there that a reader looks for. */
START_TEST(long_lines_are_cut_not_lost)
{
        static char line[200000];
        size_t most = 250000;
        size_t whole;

        memset(line, '\x1b', sizeof(line));
        memcpy(line, "cat \xc3\xa9", 6);
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, line, sizeof(line), NULL), 0);
        export_after(0, take_line);
        whole = lines.length;
        ck_assert_uint_gt(whole, 2 * 6 * sizeof(line));
        buf_clear(&lines);
        ck_assert_int_eq(auditdb_export(db, &fields_table, 0, 1, take_short_line, &most, &why), 0);
        ck_assert_uint_lt(lines.length, most);
        must_have("\"diag.cut\":true}\n");
        must_have("\"process.command_line\":\"cat \xc3\xa9\\u001b");
        must_have("\"diag.verdict\":\"allow\"");
        must_not_have("diag.rec");
        /* One byte of room is enough, one too little is not. */
        most = whole;
        buf_clear(&lines);
        ck_assert_int_eq(auditdb_export(db, &fields_table, 0, 1, take_short_line, &most, &why), 0);
        ck_assert_uint_eq(lines.length, whole);
        most = whole - 1;
        buf_clear(&lines);
        ck_assert_int_eq(auditdb_export(db, &fields_table, 0, 1, take_short_line, &most, &why), 0);
        ck_assert_uint_lt(lines.length, whole);
        auditdb_free(db);
}
END_TEST

START_TEST(short_lines_end_within_no_character)
{
        char text[4096];

        memset(text, 'x', sizeof(text));
        ck_assert_uint_eq(line_cut(text, 2048), 2048);
        ck_assert_uint_eq(line_cut(text, 2049), 2048);
        memcpy(text + 2046, "\xf0\x9f\x98\x80", 4);
        ck_assert_uint_eq(line_cut(text, 4096), 2046);
}
END_TEST

START_TEST(items_of_a_list)
{
        static const char list[] = "[\"a\",\"\",\"b\\\"]\\\\\",\"c\"]";
        static const char *const wanted[] = { "\"a\"", "\"\"", "\"b\\\"]\\\\\"", "\"c\"" };
        const char *at = list;
        const char *token;
        size_t length;
        size_t n = 0;

        while (text_next_item(&at, list + sizeof(list) - 1, &token, &length)) {
                ck_assert_uint_lt(n, 4);
                ck_assert_uint_eq(length, strlen(wanted[n]));
                ck_assert_mem_eq(token, wanted[n++], length);
        }
        ck_assert_uint_eq(n, 4);
}
END_TEST

START_TEST(lists_of_bytes_that_are_no_text)
{
        char *argv[] = { (char[]){ "ls" }, (char[]){ "\xff" }, (char[]){ "" }, NULL };
        struct rec_child rec = { .time_us = 1, .session = SESSION, .verdict = "deny", .program = "x", .argv = argv };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(rec_put_child(&buf, &rec), 0);
        put(&buf);
        export_after(0, take_line);
        must_have("\"process.command_args\":[\"ls\",\"\xef\xbf\xbd\",\"\"],\"process.command_args_base64\":[\"bHM=\","
                  "\"/w==\",\"\"]");
        auditdb_free(db);
}
END_TEST

START_TEST(what_is_not_there_has_no_field)
{
        struct rec_exit rec = { .time_us = 1,
                                .session = SESSION,
                                .invocation = 1,
                                .status = -1,
                                .signal = 9,
                                .how = "killed",
                                .stdout_bytes = 3,
                                .stderr_bytes = 4 };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(rec_put_exit(&buf, &rec), 0);
        put(&buf);
        export_after(0, take_line);
        must_not_have("process.exit.code");
        must_not_have("host.name");
        must_have("\"diag.exit.signal\":9");
        must_have("\"diag.output_bytes\":7");
        auditdb_free(db);
}
END_TEST

/* Sessions that take turns each keep their own host, whichever row the export begins with. */
START_TEST(the_context_is_the_sessions_own)
{
        static const char other[] = "fedcba9876543210fedcba9876543210";
        struct rec_close rec = { .time_us = 1, .how = "closed" };
        char *whole;

        db = must_open(AUDITDB_WRITE);
        put_open(SESSION, "one");
        put_open(other, "two");
        for (int i = 0; i < 6; i++) {
                struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

                rec.session = i % 2 == 0 ? SESSION : other;
                ck_assert_int_eq(rec_put_close(&buf, &rec), 0);
                put(&buf);
        }
        put_open(SESSION, "later");
        export_after(0, take_line);
        whole = strdup(lines.data);
        for (int64_t after = 0; after < 9; after++) {
                export_after(after, take_line);
                ck_assert_msg(strlen(whole) >= lines.length &&
                                      strcmp(whole + strlen(whole) - lines.length, lines.data) == 0,
                              "from %d", (int)after);
        }
        export_after(6, take_line);
        must_have("\"host.name\":\"one\"");
        must_have("\"host.name\":\"two\"");
        free(whole);
        auditdb_free(db);
}
END_TEST

/* More sessions than anybody keeps in mind take turns, and some of them sooner again than others. */
START_TEST(many_sessions_take_turns)
{
        enum { SESSIONS = 50, TURNS = 150 };
        struct rec_close rec = { .time_us = 1, .how = "closed" };
        char name[REC_SESSION_LENGTH + 1];
        char host[40];
        const char *at;

        db = must_open(AUDITDB_WRITE);
        for (int i = 0; i < SESSIONS; i++) {
                snprintf(name, sizeof(name), "%032d", i + 1);
                snprintf(host, sizeof(host), "host-%d", i);
                put_open(name, host);
        }
        for (int i = 0; i < TURNS; i++) {
                struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

                snprintf(name, sizeof(name), "%032d", (i % 7 < 3 ? i % 3 : i % SESSIONS) + 1);
                rec.session = name;
                ck_assert_int_eq(rec_put_close(&buf, &rec), 0);
                put(&buf);
        }
        export_after(SESSIONS, take_line);
        at = lines.data;
        for (int i = 0; i < TURNS; i++) {
                const char *end = strchr(at, '\n');

                ck_assert_ptr_nonnull(end);
                snprintf(host, sizeof(host), "\"host.name\":\"host-%d\"", i % 7 < 3 ? i % 3 : i % SESSIONS);
                ck_assert_msg(memmem(at, (size_t)(end - at), host, strlen(host)) != NULL, "%s is not in %s", host, at);
                at = end + 1;
        }
        auditdb_free(db);
}
END_TEST

/* Heads and prunes are of no session: for each of them all of them would be looked through. */
START_TEST(no_session_has_no_context)
{
        struct rec_close rec = { .time_us = 1, .how = "closed", .session = REC_NO_SESSION };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

        db = must_open(AUDITDB_WRITE);
        put_open(SESSION, "one");
        put_open(REC_NO_SESSION, "none");
        put_open(SESSION, "one");
        ck_assert_int_eq(rec_put_close(&buf, &rec), 0);
        put(&buf);
        export_after(1, take_line);
        must_not_have("\"host.name\":\"none\"");
        must_have("\"host.name\":\"one\"");
        export_after(3, take_line);
        must_not_have("host.name");
        auditdb_free(db);
}
END_TEST

/* A row that was sent before its session's open record was there is sent again in the same bytes. */
START_TEST(a_younger_context_changes_nothing)
{
        struct rec_close rec = { .time_us = 1, .session = SESSION, .how = "closed" };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        char *before;

        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(rec_put_close(&buf, &rec), 0);
        put(&buf);
        export_after(0, take_line);
        before = strdup(lines.data);
        put_open(SESSION, "late");
        export_after(0, take_line);
        ck_assert_msg(strncmp(lines.data, before, strlen(before)) == 0, "%s", lines.data);
        free(before);
        auditdb_free(db);
}
END_TEST

START_TEST(a_journal_entry_is_safe)
{
        struct iovec fields[JOURNAL_FIELDS_MOST];
        size_t count;
        bool message = false;
        bool record = false;

        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, "a\nDIAG_VERDICT=allow\n\x1b[0m", 24, NULL), 0);
        export_after(0, take_entry);
        count = journal_entry_fields(lines.data, lines.length, fields);
        ck_assert_uint_gt(count, 10);
        for (size_t i = 0; i < count; i++) {
                const char *text = fields[i].iov_base;

                ck_assert_ptr_null(memchr(text, '\n', fields[i].iov_len));
                ck_assert_ptr_null(memchr(text, '\x1b', fields[i].iov_len));
                message = message || (strncmp(text, "MESSAGE=exec allow", 18) == 0);
                record = record || (strncmp(text, "DIAG_REC={\"v\":1", 15) == 0);
        }
        ck_assert(message && record);
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { a_line_has_its_fields_in_order,
                                       bytes_that_are_no_text,
                                       long_lines_are_cut_not_lost,
                                       short_lines_end_within_no_character,
                                       items_of_a_list,
                                       lists_of_bytes_that_are_no_text,
                                       what_is_not_there_has_no_field,
                                       the_context_is_the_sessions_own,
                                       many_sessions_take_turns,
                                       no_session_has_no_context,
                                       a_younger_context_changes_nothing,
                                       a_journal_entry_is_safe };

        return RUN_SUITE("shipper/line", tests);
}
