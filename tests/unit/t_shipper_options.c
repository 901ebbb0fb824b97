/* shipper/options.c: the command line is understood as a whole, or refused. */
#include "shipper/options.h"

#include "config.h"
#include "tests/unit/sql_help.h"

enum { WORDS_MOST = 40 };

static struct options options;
static struct fault fault;

/* Words parted by blanks; "''" is an empty one. */
static int parse(const char *line)
{
        static char copy[512];
        static char program[] = "diag-ship";
        static char empty[] = "";
        char *argv[WORDS_MOST + 1] = { program };
        char *rest = copy;
        int argc = 1;

        ck_assert_uint_lt(strlen(line), sizeof(copy));
        memcpy(copy, line, strlen(line) + 1);
        for (char *word; (word = strsep(&rest, " ")) != NULL;)
                if (word[0] != '\0' && argc < WORDS_MOST)
                        argv[argc++] = strcmp(word, "''") == 0 ? empty : word;
        return options_parse(argc, argv, &options, &fault);
}

static void refused(const char *line, const char *said)
{
        options = (struct options){ .batch_rows = 4711 };
        ck_assert_msg(parse(line) == -1, "%s", line);
        ck_assert_int_eq(fault.status, FAULT_USAGE);
        ck_assert_str_eq(fault.text, said);
        ck_assert_uint_eq(options.batch_rows, 4711);
}

START_TEST(nothing_is_all_of_it)
{
        ck_assert_int_eq(parse(""), 0);
        ck_assert_str_eq(options.db, PATH_DB);
        ck_assert_str_eq(options.state, PATH_SHIP_STATE);
        ck_assert_str_eq(options.config, PATH_SHIP_CONF);
        ck_assert(!options.config_given && options.sink_count == 0 && options.batch_rows == 0);
        ck_assert_ptr_null(options.since);
        ck_assert(!options.check && !options.dry_run && !options.print_schema && !options.help && !options.version);
}
END_TEST

START_TEST(every_option)
{
        ck_assert_int_eq(
                parse("--db a --state b --config c --since 7d --batch 12 --sink x --sink jsonl:- --once --check"), 0);
        ck_assert_str_eq(options.db, "a");
        ck_assert_str_eq(options.state, "b");
        ck_assert_str_eq(options.config, "c");
        ck_assert(options.config_given && options.check && !options.dry_run);
        ck_assert_str_eq(options.since, "7d");
        ck_assert_uint_eq(options.batch_rows, 12);
        ck_assert_uint_eq(options.sink_count, 2);
        ck_assert_str_eq(options.sinks[0], "x");
        ck_assert_str_eq(options.sinks[1], "jsonl:-");
        ck_assert_int_eq(parse("--help --version --print-schema --dry-run"), 0);
        ck_assert(options.help && options.version && options.print_schema && options.dry_run && !options.check);
        /* A value may look like an option. */
        ck_assert_int_eq(parse("--sink --check"), 0);
        ck_assert_str_eq(options.sinks[0], "--check");
        ck_assert(!options.check);
}
END_TEST

START_TEST(what_is_refused)
{
        refused("--nonsense", "unknown argument '--nonsense'; see diag-ship --help");
        refused("--sink=x", "unknown argument '--sink=x'; see diag-ship --help");
        refused("--chec", "unknown argument '--chec'; see diag-ship --help");
        refused("x", "unknown argument 'x'; see diag-ship --help");
        refused("''", "unknown argument ''; see diag-ship --help");
        refused("--sink", "--sink: a value is missing");
        refused("--state ''", "--state: a value is missing");
        refused("--once --db", "--db: a value is missing");
        refused("--check --dry-run", "--check and --dry-run exclude each other");
        refused("--sink a --sink b --sink a", "--sink a: given twice");
}
END_TEST

START_TEST(batches_have_bounds)
{
        static const char *const wrong[] = { "0", "-1", "100001", "1x", "0x10", "1e3", "99999999999999999999", "+1" };

        ck_assert_int_eq(parse("--batch 1"), 0);
        ck_assert_uint_eq(options.batch_rows, 1);
        ck_assert_int_eq(parse("--batch 100000"), 0);
        ck_assert_uint_eq(options.batch_rows, OPTIONS_BATCH_MOST);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                char line[64];
                char said[128];

                snprintf(line, sizeof(line), "--batch %s", wrong[i]);
                snprintf(said, sizeof(said), "%s: expected a number of rows from 1 to 100000", line);
                refused(line, said);
        }
}
END_TEST

START_TEST(waiting_has_bounds)
{
        ck_assert_int_eq(parse(""), 0);
        ck_assert_uint_eq(options.wait_s, 5);
        ck_assert_int_eq(parse("--wait 5"), 0);
        ck_assert_int_eq(parse("--wait 600"), 0);
        ck_assert_uint_eq(options.wait_s, 600);
        refused("--wait 4", "--wait 4: expected a number of seconds from 5 to 600");
        refused("--wait 601", "--wait 601: expected a number of seconds from 5 to 600");
        refused("--wait 1m", "--wait 1m: expected a number of seconds from 5 to 600");
}
END_TEST

START_TEST(sinks_have_a_bound)
{
        char line[512] = "";

        for (int i = 0; i < OPTIONS_SINKS_MOST; i++)
                snprintf(line + strlen(line), sizeof(line) - strlen(line), "--sink s%d ", i);
        ck_assert_int_eq(parse(line), 0);
        ck_assert_uint_eq(options.sink_count, OPTIONS_SINKS_MOST);
        strcat(line, "--sink more");
        refused(line, "--sink: more than 16 sinks");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { nothing_is_all_of_it, every_option,       what_is_refused,
                                       batches_have_bounds,  waiting_has_bounds, sinks_have_a_bound };

        return RUN_SUITE("shipper/options", tests);
}
