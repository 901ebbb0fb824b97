/* Every layer that is set for the whole connection, in the one order that works.
 *
 * Linked by: pam_diag.so.
 */
#pragma once

#include "pam_diag/wire/control.h"

struct apply_failure {
        const char *where; /* the step, for a person */
        char *path; /* the path that it failed on; malloc, may be NULL */
};

/* Confines the calling process, sshd's monitor, for good. *ret_missing (strv) names accepted layers that the kernel lacks.
 * On failure (-errno, *ret_failure filled in) some layers may be in force already: the session must not open. */
int apply_layers(const struct control_lists *lists, const char *shell, char ***ret_missing, int *ret_listener,
                 struct apply_failure *ret_failure);
