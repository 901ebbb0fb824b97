/* Where rows go: one file for each kind of sink, behind one table.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stddef.h>

#include "shipper/batch.h"
#include "shipper/conf.h"
#include "shipper/conf_check.h"
#include "shipper/fault.h"

enum { SINK_STATE_FIRST = 1 };

struct sink_type {
        const char *name; /* `type =` of a section, and before the colon of a spec */
        const char *usage;
        unsigned keys; /* which common keys it takes, and must have its target by: SINK_… of conf.h */
        const char *const *options; /* keys of its own, ended by NULL; or NULL */
        uint64_t settle_ms; /* unless the section says otherwise */
        uint64_t line_bytes;
        /* Judges what conf.c cannot: the target, values of its own keys, what needs one another. */
        void (*check)(const struct sink_config *config, struct conf_check *check);
        batch_format *format;
        /* Makes ready. Called when there is something to send; *ret_sink may keep pointers into config. */
        int (*open)(const struct sink_config *config, void **ret_sink, struct fault *fault);
        /* Rows that the sink will never take are set aside with batch_refuse(); everything else that goes wrong is a fault. 0, -1, or
         * SINK_STATE_FIRST: the state must be stored, then the same batch be sent again. */
        int (*send)(void *sink, struct batch *batch, struct fault *fault);
        /* Returns 0 only when every row of the batch that was not refused is stored: the cursor moves then. Bounded in time. */
        int (*confirm)(void *sink, const struct batch *batch, struct fault *fault);
        void (*close)(void *sink); /* NULL-safe */

        /* For sinks whose bytes depend on rows before: the state is one line that is stored with the cursor. NULL for others. */
        int (*restore)(void *sink, const char *state, struct fault *fault); /* "": at the beginning */
        void (*state)(const void *sink, struct buf *buf);
        /* For sinks with `settle`. Has anything happened since it was last asked that may have cost acknowledged rows? */
        bool (*disturbed)(void *sink);
        /* Is the server that acknowledged still there? */
        bool (*alive)(void *sink);
};

extern const struct sink_type sink_jsonl;
extern const struct sink_type sink_journald;
extern const struct sink_type sink_loki;
extern const struct sink_type sink_otlp;
extern const struct sink_type sink_victorialogs;
extern const struct sink_type sink_elastic;
extern const struct sink_type sink_syslog;
extern const struct sink_type sink_relp;
extern const struct sink_type sink_journal_remote;

extern const struct sink_type *const sink_types[];
extern const size_t sink_type_count;
