#include "shipper/options.h"

#include <string.h>

#include "config.h"
#include "pam_diag/base/num.h"

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

static int take_number(const char *name, const char *value, const char *what, unsigned least, unsigned most,
                       unsigned *ret_number, struct fault *fault)
{
        uint64_t number = 0;

        if (num_parse_u64(value, least, most, &number) < 0)
                return fault_set(fault, FAULT_USAGE, "%s %s: expected a number of %s from %u to %u", name, value, what,
                                 least, most);
        *ret_number = (unsigned)number;
        return 0;
}

/* Where the value of an option goes; NULL when it takes none. */
static const char **text_of(struct options *options, const char *name)
{
        if (strcmp(name, "--db") == 0)
                return &options->db;
        if (strcmp(name, "--state") == 0)
                return &options->state;
        if (strcmp(name, "--config") == 0)
                return &options->config;
        return strcmp(name, "--since") == 0 ? &options->since : NULL;
}

static int take_value(struct options *options, const char *name, const char *value, struct fault *fault)
{
        const char **text = text_of(options, name);

        if (strcmp(name, "--sink") == 0)
                return take_sink(options, value, fault);
        if (strcmp(name, "--batch") == 0)
                return take_number(name, value, "rows", 1, OPTIONS_BATCH_MOST, &options->batch_rows, fault);
        if (text == NULL)
                return take_number(name, value, "seconds", OPTIONS_WAIT_LEAST_S, OPTIONS_WAIT_MOST_S, &options->wait_s,
                                   fault);
        *text = value;
        options->config_given = options->config_given || text == &options->config;
        return 0;
}

static bool takes_value(const char *name)
{
        static const char *const names[] = { "--db", "--state", "--sink", "--batch", "--config", "--since", "--wait" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

static bool take_switch(struct options *options, const char *name)
{
        bool once; /* what is done anyway; for units that want to say so */
        const struct {
                const char *name;
                bool *at;
        } switches[] = {
                { "--help", &options->help },
                { "--version", &options->version },
                { "--check", &options->check },
                { "--dry-run", &options->dry_run },
                { "--once", &once },
                { "--print-schema", &options->print_schema },
        };

        for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
                if (strcmp(switches[i].name, name) != 0)
                        continue;
                *switches[i].at = true;
                return true;
        }
        return false;
}

int options_parse(int argc, char *const *argv, struct options *ret_options, struct fault *fault)
{
        struct options options = {
                .db = PATH_DB, .state = PATH_SHIP_STATE, .config = PATH_SHIP_CONF, .wait_s = OPTIONS_WAIT_LEAST_S
        };

        for (int i = 1; i < argc; i++) {
                if (take_switch(&options, argv[i]))
                        continue;
                if (!takes_value(argv[i]))
                        return fault_set(fault, FAULT_USAGE, "unknown argument '%s'; see diag-ship --help", argv[i]);
                if (i + 1 == argc || argv[i + 1][0] == '\0')
                        return fault_set(fault, FAULT_USAGE, "%s: a value is missing", argv[i]);
                if (take_value(&options, argv[i], argv[i + 1], fault) < 0)
                        return -1;
                i++;
        }
        if (options.check && options.dry_run)
                return fault_set(fault, FAULT_USAGE, "--check and --dry-run exclude each other");
        *ret_options = options;
        return 0;
}
