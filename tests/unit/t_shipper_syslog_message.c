/* shipper/sinks/syslog_message.c: the exact bytes of a message. */
#include "shipper/fields.h"
#include "shipper/sinks/syslog_message.h"
#include "tests/unit/sql_help.h"

#define MARK "\xef\xbb\xbf"

static struct auditdb *db;
static struct buf out = { .most = 1 << 24 };
static struct syslog_form form = { .enterprise = 32473, .most = 1 << 24, .mark = true };
static char record[AUDITDB_REC_MOST + 1];

static void put(struct buf *buf)
{
        ck_assert_msg(auditdb_append(db, buf->data, buf->length, NULL, &why) == 0, "%s", why.text);
        buf_free(buf);
}

static void put_open(const char *host)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct rec_open rec = { .time_us = 1700000000000001,
                                .session = SESSION,
                                .user = "diag",
                                .auid = -1,
                                .client = "::1",
                                .host = host,
                                .key = "SHA256:k" };

        ck_assert_int_eq(rec_put_open(&buf, &rec), 0);
        put(&buf);
}

static int take(void *context, const struct export_row *row)
{
        (void)context;
        memcpy(record, row->row.rec, row->row.rec_length);
        record[row->row.rec_length] = '\0';
        return syslog_message_put(&out, &form, db, row);
}

static void export_after(int64_t after)
{
        buf_clear(&out);
        ck_assert_msg(auditdb_export(db, &fields_table, after, 1, take, NULL, &why) == 0, "%s", why.text);
        ck_assert_int_eq(out.error, 0);
        ck_assert_uint_eq(strlen(out.data), out.length);
}

static void must_have(const char *text)
{
        ck_assert_msg(strstr(out.data, text) != NULL, "%s is not in %s", text, out.data);
}

static void must_end_with_record(void)
{
        size_t length = strlen(record);

        ck_assert_uint_gt(out.length, length);
        ck_assert_str_eq(out.data + out.length - length, record);
}

START_TEST(a_message_has_its_parts_in_order)
{
        char expected[2048];

        db = must_open(AUDITDB_WRITE);
        put_open("web-02");
        ck_assert_int_eq(append_line(db, 1, "cat \"/etc/ho\\sts\" ]", 19, NULL), 0);
        export_after(1);
        snprintf(expected, sizeof(expected),
                 "<86>1 2023-11-14T22:13:20.000001Z web-02 pam_diag - exec [diag@32473 log.record.uid=\"%s:2\" "
                 "eventName=\"diag.exec\" severityText=\"INFO\" body=\"exec allow diag@::1 #1: cat "
                 "\\\\\\\"/etc/ho\\\\\\\\sts\\\\\\\" \\] [rule "
                 "cat\\]\" session.id=\"" SESSION "\" host.name=\"web-02\" user.name=\"diag\" client.address=\"::1\" "
                 "diag.ssh.key.fingerprint=\"SHA256:k\" diag.invocation=\"1\" diag.verdict=\"allow\" "
                 "security_rule.name=\"cat\" process.command_line=\"cat \\\"/etc/ho\\\\sts\\\" \\]\" "
                 "process.executable.path=\"/usr/bin/cat\" "
                 "process.command_args=\"[\\\"cat\\\",\\\"/etc/hosts\\\"\\]\" diag.chain=\"",
                 auditdb_uuid(db));
        ck_assert_msg(strncmp(out.data, expected, strlen(expected)) == 0, "%s\n%s", out.data, expected);
        must_have("\"] " MARK "{\"v\":1,\"kind\":\"exec\"");
        must_end_with_record();
        form.enterprise = 4294967295;
        form.mark = false;
        export_after(1);
        must_have(" [diag@4294967295 ");
        must_have("\"] {\"v\":1");
        must_end_with_record();
        auditdb_free(db);
}
END_TEST

START_TEST(a_message_is_one_line_of_text)
{
        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(append_line(db, 1, "a\n\x1b]0;x\x07\xff\0\xe2\x80\xa8\xc2\x9b\x7f\xef\xbb\xbf.", 20, NULL), 0);
        export_after(0);
        must_have(" process.command_line=\"a\\\\u000a\\\\u001b\\]0;x\\\\u0007\xef\xbf\xbd\xef\xbf\xbd\\\\u2028\\\\u009b"
                  "\\\\u007f\\\\ufeff.\" process.command_line_base64=\"YQobXTA7eAf/AOKAqMKbf++7vy4=\"");
        must_have(" - pam_diag - exec ");
        for (size_t i = 0; i < out.length; i++)
                ck_assert((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
        must_end_with_record();
        auditdb_free(db);
}
END_TEST

START_TEST(lists_of_bytes_are_escaped_lists)
{
        char *argv[] = { (char[]){ "ls" }, (char[]){ "\xff" }, (char[]){ "]\"\\" }, NULL };
        struct rec_child rec = { .time_us = 1, .session = SESSION, .verdict = "deny", .program = "x", .argv = argv };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

        db = must_open(AUDITDB_WRITE);
        ck_assert_int_eq(rec_put_child(&buf, &rec), 0);
        put(&buf);
        export_after(0);
        must_have("<84>1 1970-01-01T00:00:00.000001Z - pam_diag - child ");
        must_have(" process.command_args=\"[\\\"ls\\\",\\\"\xef\xbf\xbd\\\",\\\"\\]\\\\\\\"\\\\\\\\\\\"\\]\""
                  " process.command_args_base64=\"[\\\"bHM=\\\",\\\"/w==\\\",\\\"XSJc\\\"\\]\"");
        auditdb_free(db);
}
END_TEST

START_TEST(a_host_is_printable_and_bounded)
{
        char host[400];

        db = must_open(AUDITDB_WRITE);
        memset(host, 'h', sizeof(host));
        host[0] = ' ';
        host[1] = '\n';
        host[2] = '\xff';
        host[sizeof(host) - 1] = '\0';
        put_open(host);
        export_after(0);
        must_have("<86>1 2023-11-14T22:13:20.000001Z ??????hhh"); /* the byte is a character of four */
        host[260] = '\0';
        must_have(" pam_diag - open [");
        ck_assert_ptr_eq(strstr(out.data, " pam_diag - open ["), out.data + 34 + 255);
        auditdb_free(db);
}
END_TEST

START_TEST(a_large_message_is_short_and_says_so)
{
        static char line[100000];

        db = must_open(AUDITDB_WRITE);
        put_open("web-02");
        for (size_t i = 0; i + 1 < sizeof(line); i += 2)
                memcpy(line + i, "\xc3\xa9", 2);
        ck_assert_int_eq(append_line(db, 1, line, sizeof(line) - 2, NULL), 0);
        for (form.most = SYSLOG_MESSAGE_LEAST; form.most < SYSLOG_MESSAGE_LEAST + 8; form.most++) {
                export_after(1);
                ck_assert_uint_le(out.length, form.most);
                ck_assert_uint_ge(out.length, form.most - 1); /* not within a character */
                must_have("\" diag.cut=\"true\"] ");
                must_have(" web-02 pam_diag - exec [diag@32473 log.record.uid=\"");
                must_have(" diag.verdict=\"allow\" security_rule.name=\"cat\" ");
                must_have("] " MARK "{\"v\":1,\"kind\":\"exec\"");
                ck_assert_ptr_null(strstr(out.data, "process."));
        }
        /* To the byte: the whole message, or one too many. */
        form.most = 1 << 24;
        export_after(1);
        form.most = out.length;
        export_after(1);
        must_end_with_record();
        ck_assert_ptr_null(strstr(out.data, "diag.cut"));
        form.most--;
        export_after(1);
        must_have("diag.cut");
        auditdb_free(db);
}
END_TEST

/* The short form has room in the least size, whatever the fields hold. */
START_TEST(the_short_form_always_fits)
{
        static char longest[600];
        char *argv[] = { longest, NULL };
        struct rec_stage stage = { .rule = longest, .program = longest, .argv = argv, .words = argv };
        struct rec_exec rec = { .time_us = 253402300799999999,
                                .session = SESSION,
                                .invocation = INT64_MAX,
                                .verdict = "deny",
                                .line = longest,
                                .line_length = sizeof(longest) - 1,
                                .rule = longest,
                                .code = longest,
                                .reason = longest,
                                .stages = &stage,
                                .stage_count = 1 };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);

        db = must_open(AUDITDB_WRITE);
        memset(longest, '"', sizeof(longest) - 1);
        put_open(longest);
        ck_assert_int_eq(rec_put_exec(&buf, &rec), 0);
        put(&buf);
        memset(longest + 96, '\0', 1);
        ck_assert_int_eq(rec_put_exec(&buf, &rec), 0);
        put(&buf);
        form.most = SYSLOG_MESSAGE_LEAST;
        form.enterprise = UINT32_MAX;
        for (int64_t after = 0; after < 3; after++) {
                export_after(after);
                ck_assert_uint_le(out.length, SYSLOG_MESSAGE_LEAST);
                must_have(" diag.cut=\"true\"");
        }
        auditdb_free(db);
}
END_TEST

/* SD-NAME has at most 32 characters, none of which is `=`, a blank, `]` or `"`: RFC 5424, section 6. */
START_TEST(every_field_has_a_name_that_fits)
{
        const struct export_kind *context = &fields_table.context;

        for (size_t i = 0; i <= fields_table.count; i++) {
                const struct export_kind *kind = i < fields_table.count ? &fields_table.kinds[i] : context;

                for (size_t n = 0; n < kind->count; n++) {
                        const char *name = kind->fields[n].name;
                        size_t more = kind->fields[n].type == EXPORT_INTEGER ? 0 : strlen("_base64");

                        ck_assert_msg(strlen(name) + more <= SYSLOG_PARAMETER_MOST, "%s", name);
                        ck_assert_msg(strpbrk(name, "= ]\"") == NULL, "%s", name);
                }
        }
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                a_message_has_its_parts_in_order,     a_message_is_one_line_of_text,
                lists_of_bytes_are_escaped_lists,     a_host_is_printable_and_bounded,
                a_large_message_is_short_and_says_so, the_short_form_always_fits,
                every_field_has_a_name_that_fits,
        };

        return RUN_SUITE("shipper/sinks/syslog_message", tests);
}
