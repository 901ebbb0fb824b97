#include "shipper/sinks/sink.h"

const struct sink_type *const sink_types[] = {
        &sink_jsonl,
        &sink_journald,
};
const size_t sink_type_count = sizeof(sink_types) / sizeof(sink_types[0]);
