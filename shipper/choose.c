#include "shipper/choose.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "shipper/sinks/sink.h"

void choice_free(struct choice *choice)
{
        conf_free(&choice->config);
        choice->count = 0;
}

static bool is_spec(const char *sink)
{
        return strchr(sink, ':') != NULL;
}

/* Only ad-hoc sinks need no file. */
static bool needs_file(const struct options *options)
{
        for (size_t i = 0; i < options->sink_count; i++)
                if (!is_spec(options->sinks[i]))
                        return true;
        return options->sink_count == 0 || options->config_given;
}

static int load(const struct options *options, struct ship_config *config, struct policy_errors *errors,
                struct fault *fault)
{
        int r = conf_load(options->config, sink_types, sink_type_count, errors, config);

        if (r == -ENOENT)
                return fault_set(fault, FAULT_CONFIG,
                                 "no %s; write one (see ship.conf(5)), or name an ad-hoc sink by --sink",
                                 options->config);
        if (r == -EINVAL && errors->count > 0)
                return fault_set(fault, FAULT_CONFIG, "%s: %zu error%s; nothing is sent before the file is right",
                                 options->config, errors->count, errors->count == 1 ? "" : "s");
        return r < 0 ? fault_set(fault, FAULT_CONFIG, "cannot read %s: %s", options->config, strerror(-r)) : 0;
}

static int choose(const struct options *options, struct choice *choice, struct fault *fault)
{
        for (size_t i = 0; i < options->sink_count; i++) {
                const char *name = options->sinks[i];
                const struct sink_config *sink;

                if (is_spec(name) && conf_add_spec(&choice->config, name, sink_types, sink_type_count, fault) < 0)
                        return -1;
                sink = conf_find(&choice->config, name);
                if (sink == NULL)
                        return fault_set(fault, FAULT_CONFIG, "--sink %s: %s has no such sink", name, options->config);
                choice->sinks[choice->count++] = sink;
        }
        if (options->sink_count > 0)
                return 0;
        for (size_t i = 0; i < choice->config.count; i++)
                choice->sinks[choice->count++] = choice->config.sinks[i];
        return 0;
}

int choose_sinks(const struct options *options, struct choice *ret_choice, struct policy_errors *errors,
                 struct fault *fault)
{
        cleanup_choice struct choice choice = { .count = 0 };

        if (needs_file(options) && load(options, &choice.config, errors, fault) < 0)
                return -1;
        if (choose(options, &choice, fault) < 0)
                return -1;
        *ret_choice = choice;
        choice = (struct choice){ .count = 0 };
        return 0;
}
