/* One sink's configuration while it is made.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/conf.h"
#include "shipper/conf_check.h"

/* With what is usual for every type. NULL when memory ends. */
struct sink_config *conf_sink_new(const char *name);
void conf_sink_free(struct sink_config *sink); /* NULL-safe */
static inline void conf_sink_free_at(struct sink_config **sink)
{
        conf_sink_free(*sink);
}
#define cleanup_sink_conf __attribute__((cleanup(conf_sink_free_at)))

/* All keys are read: fills in what the type has as usual, and has the whole judged. 0 or -ENOMEM; what is wrong goes to check. */
int conf_sink_finish(struct sink_config *sink, struct conf_check *check);
