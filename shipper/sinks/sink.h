/* Where rows go: one file for each kind of sink, behind one table.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stddef.h>

#include "shipper/batch.h"
#include "shipper/fault.h"

struct sink_type {
        const char *name; /* before the colon of a spec */
        const char *usage;
        /* Makes ready for `target`, the part of the spec after the colon. Called when there is something to send. */
        int (*open)(const char *target, void **ret_sink, struct fault *fault);
        batch_format *format;
        int (*send)(void *sink, const struct batch *batch, struct fault *fault);
        /* Returns 0 only when every row of the batch is stored: the cursor moves then. Bounded in time. */
        int (*confirm)(void *sink, const struct batch *batch, struct fault *fault);
        void (*close)(void *sink); /* NULL-safe */
        /* NULL when the target is right, else what is wrong with it. */
        const char *(*check)(const char *target);
};

extern const struct sink_type sink_jsonl;
extern const struct sink_type sink_journald;

extern const struct sink_type *const sink_types[];
extern const size_t sink_type_count;

/* Finds the type of "name:target" and checks the target. */
int sink_find(const char *spec, const struct sink_type **ret_type, const char **ret_target, struct fault *fault);
