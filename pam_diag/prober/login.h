/* A PAM session as sshd opens it: the same service, the same user, in the process that stands for sshd's monitor.
 *
 * Linked by: diag-prober.
 *
 * Only the session is opened. Who may log in (authentication, account) is not what is probed, and there is no key here.
 */
#pragma once

#include <security/pam_appl.h>
#include <stdbool.h>

struct login {
        pam_handle_t *pamh;
        char *said; /* the last error that a module had for the user, malloc; NULL: none */
};

/* Says on standard output what came of it (finding.h), and returns whether there is a session. */
bool login_open(struct login *login, const char *service, const char *user);
void login_close(struct login *login);
