#include "shipper/options.h"

#include <string.h>

#include "config.h"
#include "pam_diag/base/num.h"
#include "shipper/batch.h"

static int take_sink(struct options *options, const char *value, struct fault *fault)
{
        if (options->sink_count == OPTIONS_SINKS_MOST)
                return fault_set(fault, FAULT_USAGE, "--sink: more than %d sinks", OPTIONS_SINKS_MOST);
        /* Two with one cursor would each believe that the other's rows were their own. */
        for (size_t i = 0; i < options->sink_count; i++)
                if (strcmp(options->sinks[i], value) == 0)
                        return fault_set(fault, FAULT_USAGE, "--sink %s: given twice", value);
        options->sinks[options->sink_count++] = value;
        return 0;
}

static int take_option(struct options *options, const char *name, const char *value, struct fault *fault)
{
        uint64_t rows = 0;

        if (strcmp(name, "--db") == 0) {
                options->db = value;
                return 0;
        }
        if (strcmp(name, "--state") == 0) {
                options->state = value;
                return 0;
        }
        if (strcmp(name, "--sink") == 0)
                return take_sink(options, value, fault);
        if (num_parse_u64(value, 1, OPTIONS_BATCH_MOST, &rows) < 0)
                return fault_set(fault, FAULT_USAGE, "--batch %s: expected a number of rows from 1 to %d", value,
                                 OPTIONS_BATCH_MOST);
        options->batch_rows = (size_t)rows;
        return 0;
}

static bool takes_value(const char *name)
{
        static const char *const names[] = { "--db", "--state", "--sink", "--batch" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

int options_parse(int argc, char *const *argv, struct options *ret_options, struct fault *fault)
{
        struct options options = { .db = PATH_DB, .state = PATH_SHIP_STATE, .batch_rows = BATCH_ROWS };

        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--help") == 0) {
                        options.help = true;
                } else if (strcmp(argv[i], "--version") == 0) {
                        options.version = true;
                } else if (!takes_value(argv[i])) {
                        return fault_set(fault, FAULT_USAGE, "unknown argument '%s'; see diag-ship --help", argv[i]);
                } else if (i + 1 == argc || argv[i + 1][0] == '\0') {
                        return fault_set(fault, FAULT_USAGE, "%s: a value is missing", argv[i]);
                } else {
                        if (take_option(&options, argv[i], argv[i + 1], fault) < 0)
                                return -1;
                        i++;
                }
        }
        if (options.sink_count == 0 && !options.help && !options.version)
                return fault_set(fault, FAULT_USAGE, "no --sink; see diag-ship --help");
        *ret_options = options;
        return 0;
}
