/* What a session may read and execute, as a Landlock domain that is begun here and put in force by the module.
 *
 * Linked by: diag-supervisor.
 *
 * Made while the module hides what is denied. The domain knows files, not names: it is the same in the module's mount namespace, but for what
 * lies there under a mask or in a filesystem of the session's own. What another mount covers between the module's leaving the host's namespace and
 * this is allowed as it is on the host then.
 */
#pragma once

#include "pam_diag/confine/landlock.h"
#include "pam_diag/supervisor/session.h"

struct domain {
        struct landlock *landlock; /* of LANDLOCK_LEAVES_OTHERS; owned */
        char **reads; /* patterns, left to the module: of other files there, with wildcards, or not to be found from here */
        char **lists; /* likewise, of what may be listed */
};

void domain_free(struct domain *domain);
#define cleanup_domain __attribute__((cleanup(domain_free)))

/* After session->masked and session->reads. A program under a mask is not allowed. On failure *ret_path, which is the policy's, names the
 * program, or is NULL. */
int domain_begin(const struct session *session, struct domain *ret_domain, const char **ret_path);
