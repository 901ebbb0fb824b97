#include <string.h>

#include "shipper/sinks/sink.h"

const struct sink_type *const sink_types[] = { &sink_jsonl, &sink_journald };
const size_t sink_type_count = sizeof(sink_types) / sizeof(sink_types[0]);

int sink_find(const char *spec, const struct sink_type **ret_type, const char **ret_target, struct fault *fault)
{
        const char *colon = strchr(spec, ':');
        size_t length = colon != NULL ? (size_t)(colon - spec) : 0;

        for (const char *c = spec; *c != '\0'; c++)
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                        return fault_set(fault, FAULT_USAGE, "--sink: control character at position %zu",
                                         (size_t)(c - spec) + 1);
        for (size_t i = 0; i < sink_type_count; i++) {
                const char *wrong;

                if (strlen(sink_types[i]->name) != length || strncmp(sink_types[i]->name, spec, length) != 0)
                        continue;
                wrong = sink_types[i]->check(colon + 1);
                if (wrong != NULL)
                        return fault_set(fault, FAULT_USAGE, "--sink %s: %s", spec, wrong);
                *ret_type = sink_types[i];
                *ret_target = colon + 1;
                return 0;
        }
        return fault_set(fault, FAULT_USAGE,
                         "--sink %s: no such kind of sink; there are jsonl:-, jsonl:/FILE and journald:", spec);
}
