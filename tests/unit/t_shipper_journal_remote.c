/* shipper/sinks/journal_remote.c: the exact bytes of an entry in the export format. */
#include "shipper/fields.h"
#include "shipper/sinks/journal_remote.h"
#include "tests/unit/sql_help.h"

static struct auditdb *db;
static struct buf out = { .most = 1 << 24 };

static void put_open(const char *host, int64_t time_us)
{
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct rec_open rec = { .time_us = time_us, .session = SESSION, .user = "diag", .auid = -1, .host = host };

        ck_assert_int_eq(rec_put_open(&buf, &rec), 0);
        ck_assert_msg(auditdb_append(db, buf.data, buf.length, NULL, &why) == 0, "%s", why.text);
        buf_free(&buf);
}

static int take(void *context, const struct export_row *row)
{
        (void)context;
        return journal_remote_put(&out, db, row);
}

static void export_after(int64_t after)
{
        buf_clear(&out);
        ck_assert_msg(auditdb_export(db, &fields_table, after, 1, take, NULL, &why) == 0, "%s", why.text);
        ck_assert_int_eq(out.error, 0);
}

/* __REALTIME_TIMESTAMP, the row's number, and the database in place of a boot. */
static size_t must_begin(int64_t time_us, int64_t seq)
{
        char expected[256];
        const char *uuid = auditdb_uuid(db);
        int n = snprintf(expected, sizeof(expected),
                         "__REALTIME_TIMESTAMP=%" PRId64 "\n__MONOTONIC_TIMESTAMP=%" PRId64
                         "\n_BOOT_ID=%.8s%.4s%.4s%.4s%s\n",
                         time_us, seq, uuid, uuid + 9, uuid + 14, uuid + 19, uuid + 24);

        ck_assert_msg(strncmp(out.data, expected, (size_t)n) == 0, "%s\n%s", out.data, expected);
        return (size_t)n;
}

START_TEST(an_entry_has_its_place_and_its_fields)
{
        size_t at;

        db = must_open(AUDITDB_WRITE);
        put_open("web-02", 1700000000000001);
        ck_assert_int_eq(append_line(db, 1, "id", 2, NULL), 0);
        export_after(1);
        at = must_begin(1700000000000001, 2);
        ck_assert_msg(strncmp(out.data + at, "_HOSTNAME=web-02\nMESSAGE=exec allow diag", 40) == 0, "%s",
                      out.data + at);
        ck_assert_ptr_nonnull(strstr(out.data, "\nDIAG_SEQ=2\n"));
        ck_assert_ptr_nonnull(strstr(out.data, "\nDIAG_REC={\"v\":1,\"kind\":\"exec\","));
        ck_assert_str_eq(out.data + out.length - 5, "}]}\n\n");
        ck_assert_ptr_eq(strstr(out.data, "\n\n"), out.data + out.length - 2);
        auditdb_free(db);
}
END_TEST

/* A value with newlines would be more fields, or another entry. */
START_TEST(a_newline_ends_no_field)
{
        static const char host[] = "a\n\nMESSAGE=forged\n";
        static const char length[8] = { sizeof(host) - 1 };
        size_t at;

        db = must_open(AUDITDB_WRITE);
        put_open(host, 1700000000000001);
        export_after(0);
        at = must_begin(1700000000000001, 1);
        ck_assert_int_eq(memcmp(out.data + at, "_HOSTNAME\n", 10), 0);
        at += 10;
        ck_assert_int_eq(memcmp(out.data + at, length, sizeof(length)), 0);
        at += sizeof(length);
        ck_assert_int_eq(memcmp(out.data + at, host, sizeof(host) - 1), 0);
        at += sizeof(host) - 1;
        ck_assert_int_eq(memcmp(out.data + at, "\nMESSAGE=open", 13), 0);
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { an_entry_has_its_place_and_its_fields, a_newline_ends_no_field };

        return RUN_SUITE("shipper/sinks/journal_remote", tests);
}
