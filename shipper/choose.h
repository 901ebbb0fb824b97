/* Which sinks a run has: those of ship.conf, or those that --sink names.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/conf.h"
#include "shipper/options.h"

struct choice {
        struct ship_config config; /* of ship.conf and of ad-hoc sinks */
        const struct sink_config *sinks[CONF_SINKS_MOST];
        size_t count;
};

void choice_free(struct choice *choice);
#define cleanup_choice __attribute__((cleanup(choice_free)))

/* 0, or -1 with *fault. What is wrong in ship.conf is in *errors, one line each. */
int choose_sinks(const struct options *options, struct choice *ret_choice, struct policy_errors *errors,
                 struct fault *fault);
