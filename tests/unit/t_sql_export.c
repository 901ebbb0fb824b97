/* sql/export.c, members.c: what is taken out of a record is what SQLite's own JSON functions take out of it. */
#include "sql/export.h"

#include "tests/unit/sql_help.h"

#define FIELD(where, what)                    \
        {                                     \
                .path = (where), .type = what \
        }

static const struct export_field exec_fields[] = {
        FIELD("$.line", EXPORT_TEXT),
        FIELD("$.stages[0].program", EXPORT_TEXT),
        FIELD("$.stages[0].argv", EXPORT_LIST),
        FIELD("$.stages", EXPORT_LIST),
        FIELD("$.reason", EXPORT_TEXT),
        FIELD("$.nothing", EXPORT_TEXT),
        FIELD("$.invocation + $.client_port", EXPORT_INTEGER),
        FIELD("$.invocation + $.nothing", EXPORT_INTEGER),
        { .path = "$.client_port", .type = EXPORT_INTEGER, .least = 1 },
        FIELD("$.line", EXPORT_INTEGER),
        FIELD("$.line", EXPORT_LIST),
        FIELD("$.invocation", EXPORT_TEXT),
        FIELD("$.stages[0].argv[0]", EXPORT_TEXT),
        FIELD("$.stages[0].nothing", EXPORT_TEXT),
        FIELD("$.invocation.nothing", EXPORT_TEXT),
};
static const struct export_field open_fields[] = { FIELD("$.user", EXPORT_TEXT) };
static const struct export_kind kinds[] = {
        { "exec", exec_fields, sizeof(exec_fields) / sizeof(exec_fields[0]) },
};
static const struct export_table table = { .kinds = kinds, .count = 1, .context = { "open", open_fields, 1 } };

static struct export_value values[EXPORT_FIELDS_MOST];
static char texts[EXPORT_FIELDS_MOST][4096];
static size_t value_count;

static int keep(void *context, const struct export_row *row)
{
        int *count = context;

        (*count)++;
        value_count = row->value_count;
        for (size_t i = 0; i < row->value_count; i++) {
                values[i] = row->values[i];
                if (values[i].text == NULL)
                        continue;
                ck_assert_uint_lt(values[i].length, sizeof(texts[i]));
                memcpy(texts[i], values[i].text, values[i].length + 1);
                values[i].text = texts[i];
        }
        return 0;
}

static void must_have_text(size_t field, const char *text, bool plain)
{
        ck_assert(values[field].present);
        ck_assert_str_eq(values[field].text, text);
        ck_assert_uint_eq(values[field].length, strlen(text));
        ck_assert_int_eq(values[field].plain, plain);
}

START_TEST(members_by_their_paths)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int count = 0;

        ck_assert_int_eq(append_line(db, 7, "cat \xc3\xa9\n\"", 8, NULL), 0);
        ck_assert_msg(auditdb_export(db, &table, 0, 9, keep, &count, &why) == 0, "%s", why.text);
        ck_assert_int_eq(count, 1);
        must_have_text(0, "cat \xc3\xa9\n\"", false);
        must_have_text(1, "/usr/bin/cat", true);
        must_have_text(2, "[\"cat\",\"/etc/hosts\"]", false);
        must_have_text(3, "[{\"rule\":\"cat\",\"program\":\"/usr/bin/cat\",\"argv\":[\"cat\",\"/etc/hosts\"]}]", false);
        ck_assert(values[6].present && values[6].integer == 7);
        must_have_text(12, "cat", true);
        for (size_t i = 0; i < value_count; i++)
                if (i != 0 && i != 1 && i != 2 && i != 3 && i != 6 && i != 12)
                        ck_assert_msg(!values[i].present, "%s", exec_fields[i].path);
        auditdb_free(db);
}
END_TEST

/* Every byte, beside its neighbours. */
START_TEST(texts_are_those_that_sqlite_reads)
{
        static const char select[] = "SELECT lower(hex(rec ->> '$.line')) FROM event ORDER BY seq DESC LIMIT 1";
        struct auditdb *db = must_open(AUDITDB_WRITE);
        char line[512];
        char expected[8192];

        for (int shift = 0; shift < 3; shift++) {
                int64_t seq = 0;
                int count = 0;

                for (int i = 0; i < (int)sizeof(line); i++)
                        line[i] = (char)(unsigned char)(shift < 2 ? i >> shift : i * 7);
                ck_assert_int_eq(append_line(db, 1, line, sizeof(line), &seq), 0);
                ck_assert_int_eq(auditdb_export(db, &table, seq - 1, 1, keep, &count, &why), 0);
                for (size_t i = 0; i < values[0].length; i++)
                        snprintf(expected + 2 * i, 3, "%02x", (unsigned char)values[0].text[i]);
                strcat(expected, "\n");
                must_shell(select, expected);
        }
        auditdb_free(db);
}
END_TEST

/* A row that somebody wrote past this program stops the export, with its number; nothing of it is taken for a record. */
START_TEST(what_is_no_record_is_refused)
{
        static const char *const wrong[] = {
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"" SESSION "\",\"line\":\"a}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"" SESSION "\",\"line\":1.5}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"" SESSION "\"} }",
                "{\"v\":1,\"kind\":\"other\",\"time\":5,\"session\":\"" SESSION "\",\"line\":x}",
                "{\"v\":1,\"kind\":\"exec\",\"time\":5, \"session\":\"" SESSION "\"}",
        };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                struct auditdb *db = must_open(AUDITDB_WRITE);
                char sql[1024];
                int count = 0;

                must_append(db, 1);
                snprintf(sql, sizeof(sql), "INSERT INTO event(rec, hash) VALUES('%s', zeroblob(32))", wrong[i]);
                must_shell(sql, "");
                ck_assert_int_eq(auditdb_export(db, &table, 0, 9, keep, &count, &why), -EBADMSG);
                ck_assert_int_eq(count, 1);
                ck_assert_msg(strstr(why.text, "row 2 is not a record") != NULL, "%s", why.text);
                auditdb_free(db);
                teardown();
                setup();
        }
}
END_TEST

START_TEST(a_kind_without_fields)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        int count = 0;

        must_shell("INSERT INTO event(rec, hash) VALUES('{\"v\":1,\"kind\":\"new\",\"time\":5,\"session\":\"" SESSION
                   "\",\"deep\":[{}]}', zeroblob(32))",
                   "");
        ck_assert_msg(auditdb_export(db, &table, 0, 9, keep, &count, &why) == 0, "%s", why.text);
        ck_assert_int_eq(count, 1);
        ck_assert_uint_eq(value_count, 0);
        auditdb_free(db);
}
END_TEST

static int join(void *context, const char *text, size_t length)
{
        ck_assert_uint_eq(strlen(text), length);
        strcat(context, text);
        strcat(context, "|");
        return strcmp(text, "stop") == 0 ? 1 : 0;
}

START_TEST(items_of_a_list)
{
        static const char list[] = "[\"a\\u000ab\",\"\",7,[1],\"stop\",\"more\"]";
        char text[128] = "";

        ck_assert_int_eq(export_each_item(list, sizeof(list) - 1, join, text), 0);
        ck_assert_str_eq(text, "a\nb||7|[1]|stop|");
        text[0] = '\0';
        ck_assert_int_eq(export_each_item("[]", 2, join, text), 0);
        ck_assert_str_eq(text, "");
        ck_assert_int_eq(export_each_item("[\"a\"", 4, join, text), -EBADMSG);
        ck_assert_int_eq(export_each_item("{}", 2, join, text), -EBADMSG);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { members_by_their_paths, texts_are_those_that_sqlite_reads,
                                       what_is_no_record_is_refused, a_kind_without_fields, items_of_a_list };

        return RUN_SUITE("sql/export", tests);
}
