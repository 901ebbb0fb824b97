/* What the findings of a probe mean for this host.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pam_diag/ctl/doctor.h"
#include "pam_diag/probe/finding.h"

/* What makes that a layer need not hold here. */
struct probing_host {
        char *const *missing; /* layers that the host lacks; may be NULL */
        char *const *accepted; /* those whose absence the policy accepts; may be NULL */
        bool root_is_readable; /* the policy lets / itself be read */
        bool proc_is_hidden; /* it lets nobody read /proc */
};

/* Every layer that a probe must say something of. */
size_t probing_layer_count(void);
const char *probing_layer(size_t index);

/* For people; the layer's own name when it is an unknown one. */
const char *probing_label(const char *layer);

/* Pure. A layer that does not hold is REPORT_FAIL, or REPORT_LACKING where nothing else is to be expected; *ret_text is what to say. */
enum report probing_judge(const struct finding *finding, const struct probing_host *host, const char **ret_text);
