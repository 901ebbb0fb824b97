/* sql/queries: each file is run by the stock sqlite3 shell on a small database whose answers are known. The working directory is the
 * source's. */
#include "tests/unit/select_help.h"

#define ALL ".param set :since \"'1970-01-01'\"\n.param set :until \"'1970-01-02'\"\n"
#define Z "1970-01-01T00:00:00."

/* Runs one query after other commands of the shell. */
static int run(const char *before, const char *query, char *output, size_t size)
{
        char path[256], read_it[300];
        FILE *file;

        snprintf(path, sizeof(path), "%s/script", home);
        snprintf(read_it, sizeof(read_it), ".read %s", path);
        file = fopen(path, "we");
        ck_assert_ptr_nonnull(file);
        fprintf(file, "%s.read sql/queries/%s.sql\n", before, query);
        ck_assert_int_eq(fclose(file), 0);
        return shell(read_it, output, size);
}

static void must_answer(const char *before, const char *query, const char *wanted)
{
        char output[8192];
        int status = run(before, query, output, sizeof(output));

        ck_assert_msg(status == 0, "%s: status %d: %s", query, status, output);
        ck_assert_str_eq(output, wanted);
}

#define LINE "\"\\\"rule\\\":\\\"forged\\\" \\\"user\\\":\\\"forged\\\"\""

START_TEST(who_ran_what)
{
        auditdb_free(must_fill());
        must_answer(ALL, "commands",
                    Z "007000Z|ven\\\"dor|SHA256:abcd|2001:db8::7|help|" LINE "||||abbbbbbb\n" Z
                      "006000Z|diag|agent|10.0.0.7|allow|" LINE "|systemctl status|||aaaaaaaa\n" Z
                      "004000Z|ven\\\"dor|SHA256:abcd|2001:db8::7|deny|" LINE "||||abbbbbbb\n" Z
                      "003000Z|diag|agent|10.0.0.7|allow|" LINE "|cat|0|0|aaaaaaaa\n");
        must_answer(ALL ".param set :most 1\n", "commands",
                    Z "007000Z|ven\\\"dor|SHA256:abcd|2001:db8::7|help|" LINE "||||abbbbbbb\n");
        must_answer(ALL, "denied", Z "004000Z|ven\\\"dor|SHA256:abcd|2001:db8::7|" LINE "||||abbbbbbb\n");
}
END_TEST

START_TEST(counted_by_who_and_what)
{
        auditdb_free(must_fill());
        must_answer(ALL, "keys",
                    "agent|SHA256:abc|2|0|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n"
                    "|SHA256:abcd|2|1|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n");
        must_answer(ALL, "clients",
                    "10.0.0.7|2|0|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n"
                    "2001:db8::7|2|1|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n");
        must_answer(ALL, "rules",
                    "|2|1|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n"
                    "cat|1|0|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n"
                    "systemctl status|1|0|1|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n");
        must_answer(ALL, "days", "1970-01-01|4|1|2|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z\n");
}
END_TEST

/* A byte that is no text stands as the character U+10FEE9. */
START_TEST(paths_among_words)
{
        auditdb_free(must_fill());
        must_answer(ALL, "paths",
                    "/caf\xf4\x8f\xbb\xa9|1|1|1|1970-01-01T00:00:00Z\n"
                    "/etc/hosts|1|0|1|1970-01-01T00:00:00Z\n"
                    "/srv/x|1|0|1|1970-01-01T00:00:00Z\n"
                    "/srv/x/y|1|1|1|1970-01-01T00:00:00Z\n");
        must_answer(ALL ".param set :path \"'/srv/x'\"\n", "paths",
                    "/srv/x|1|0|1|1970-01-01T00:00:00Z\n/srv/x/y|1|1|1|1970-01-01T00:00:00Z\n");
        must_answer(ALL ".param set :path \"'/srv/x/'\"\n", "paths", "");
}
END_TEST

START_TEST(what_has_no_end)
{
        auditdb_free(must_fill());
        must_answer(ALL, "sessions",
                    "abbbbbbb|" Z "002000Z|open|||ven\\\"dor|2001:db8::7|SHA256:abcd|2|1\n"
                    "aaaaaaaa|" Z "001000Z|" Z "009000Z|killed|alice|diag|10.0.0.7|agent|2|0\n");
        must_answer(ALL, "unclosed", SESSION_B "|" Z "002000Z|ven\\\"dor|SHA256:abcd|2001:db8::7|\n");
        must_answer(ALL, "unfinished", Z "006000Z|" SESSION_A "|2|diag|agent|10.0.0.7|" LINE "|systemctl status|1\n");
        must_answer(ALL, "slowest", "0|" Z "003000Z|diag|agent|" LINE "|exited|0|0|aaaaaaaa\n");
}
END_TEST

/* Somebody with the file in hand: no trigger of the schema holds him. */
static void forge(const char *sql)
{
        char text[1024];

        snprintf(text, sizeof(text), "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete; %s", sql);
        must_shell(text, "");
}

START_TEST(a_row_that_was_changed)
{
        char output[1024];

        auditdb_free(must_fill());
        must_answer(ALL, "gaps", "ok|9|1|9||\n");
        forge("UPDATE event SET rec = replace(rec, 'cat', 'dog') WHERE seq = 3");
        must_answer(ALL, "gaps", "BROKEN|9|1|9||3\n");
        ck_assert_int_eq(run("", "chain", output, sizeof(output)), 0);
        ck_assert_msg(strncmp(output, "BROKEN|row 3 does not fit|9|9|", 30) == 0, "%s", output);
}
END_TEST

START_TEST(a_row_that_is_gone)
{
        auditdb_free(must_fill());
        forge("DELETE FROM event WHERE seq = 4");
        must_answer(ALL, "gaps", "BROKEN|8|1|9|5|\n");
}
END_TEST

START_TEST(what_is_not_exported_yet)
{
        char ship[256], cursor[300], before[512], output[1024], wanted[256];
        struct auditdb *db = must_fill();
        FILE *file;

        snprintf(ship, sizeof(ship), "%s/ship", home);
        snprintf(cursor, sizeof(cursor), "%s/a", ship);
        ck_assert_int_eq(mkdir(ship, 0700), 0);
        file = fopen(cursor, "we");
        ck_assert_ptr_nonnull(file);
        fprintf(file, "pam_diag cursor 1\nsink jsonl:/x\x1b[m\ndatabase %s\nseq 7\nchain 00\ncheck 00\n",
                auditdb_uuid(db));
        ck_assert_int_eq(fclose(file), 0);
        snprintf(before, sizeof(before), ".param set :ship \"'%s'\"\n", ship);
        ck_assert_int_eq(run(before, "backlog", output, sizeof(output)), 0);
        snprintf(wanted, sizeof(wanted), "\"jsonl:/x\\u001b[m\"|this|7|2|1970-01-01T00:00:00Z|");
        ck_assert_msg(strncmp(output, wanted, strlen(wanted)) == 0, "%s", output);
        auditdb_free(db);
        ck_assert_int_eq(unlink(cursor), 0);
        ck_assert_int_eq(rmdir(ship), 0);
}
END_TEST

/* Each of them has the same beginning: a wrong time is an error, not an empty answer; without one it is the last day. */
START_TEST(spans_of_time)
{
        static const char *const queries[] = { "commands", "denied",   "keys",       "clients", "rules", "paths",
                                               "days",     "sessions", "unfinished", "slowest", "gaps",  "unclosed" };
        char output[8192];

        auditdb_free(must_fill());
        for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
                (void)run(".bail on\n.param set :since \"'yesterday'\"\n", queries[i], output, sizeof(output));
                ck_assert_msg(strstr(output, "not a time: :since = yesterday") != NULL, "%s: %s", queries[i], output);
                (void)run(".bail on\n.param set :until \"'1970-13-01'\"\n", queries[i], output, sizeof(output));
                ck_assert_msg(strstr(output, "not a time: :until = 1970-13-01") != NULL, "%s: %s", queries[i], output);
                must_answer("", queries[i], strcmp(queries[i], "gaps") == 0 ? "ok|0||||\n" : "");
        }
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                who_ran_what,           counted_by_who_and_what, paths_among_words,        what_has_no_end,
                a_row_that_was_changed, a_row_that_is_gone,      what_is_not_exported_yet, spans_of_time
        };

        return RUN_SUITE("sql_queries", tests);
}
