#include "shipper/sinks/sink.h"

const struct sink_type *const sink_types[] = {
        &sink_jsonl,   &sink_journald, &sink_loki, &sink_otlp,           &sink_victorialogs,
        &sink_elastic, &sink_syslog,   &sink_relp, &sink_journal_remote,
};
const size_t sink_type_count = sizeof(sink_types) / sizeof(sink_types[0]);
