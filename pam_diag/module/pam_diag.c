/* pam_diag.so: the PAM session module.
 *
 * Runs as  root, inside sshd's monitor, beside the host keys; once per connection, before sshd forks the user's side.
 * Trusts   the PAM service file (its arguments), libpam, and the supervisor that it starts.
 * Never    exits, prints, parses a policy, opens the database, leaves a descriptor open over exec, or does anything at all for a
 *          user who is not a diag user: for them every function returns PAM_IGNORE before it opens, forks or allocates.
 */
#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/module/arguments.h"
#include "pam_diag/module/session.h"

#define EXPORT __attribute__((visibility("default")))
#define DATA_NAME "pam_diag_session"

static void session_cleanup(pam_handle_t *pamh, void *data, int status)
{
        (void)pamh;
        (void)status;
        session_free(data);
}

static const char *item_text(pam_handle_t *pamh, int item)
{
        const void *value = NULL;

        return pam_get_item(pamh, item, &value) == PAM_SUCCESS ? value : NULL;
}

/* group= costs a look-up in the group database, so it is asked last and only where it is configured. */
static bool is_diag_user(pam_handle_t *pamh, const struct arguments *arguments, const char *user)
{
        if (arguments_name_user(arguments, user))
                return true;
        for (size_t i = 0; i < arguments->group_count; i++)
                if (pam_modutil_user_in_group_nam_nam(pamh, user, arguments->groups[i]) != 0)
                        return true;
        return false;
}

static int refuse(pam_handle_t *pamh, const char *user, const char *why)
{
        pam_syslog(pamh, LOG_ERR, "session of %s refused: %s", user, why);
        (void)pam_error(pamh, "pam_diag: session refused: %s", why);
        return PAM_SESSION_ERR;
}

static char *copy(const char *text)
{
        return text == NULL ? NULL : strdup(text);
}

static int describe(pam_handle_t *pamh, const struct arguments *arguments, const char *user,
                    struct control_open *ret_open)
{
        const struct passwd *entry = pam_modutil_getpwnam(pamh, user);
        cleanup_control_open struct control_open open = { 0 };

        if (entry == NULL)
                return -ENOENT;
        open.user = copy(user);
        open.uid = entry->pw_uid;
        open.gid = entry->pw_gid;
        open.service = copy(item_text(pamh, PAM_SERVICE));
        open.client = copy(item_text(pamh, PAM_RHOST));
        open.tty = copy(item_text(pamh, PAM_TTY));
        open.auth_info = copy(pam_getenv(pamh, "SSH_AUTH_INFO_0"));
        open.policy = copy(arguments->policy);
        open.db = copy(arguments->db);
        open.shell = copy(arguments->shell);
        if (open.user == NULL || open.service == NULL || open.policy == NULL || open.db == NULL || open.shell == NULL)
                return -ENOMEM;
        *ret_open = open;
        open = (struct control_open){ 0 };
        return 0;
}

static int open_for(pam_handle_t *pamh, const struct arguments *arguments, const char *user)
{
        cleanup_control_open struct control_open open = { 0 };
        cleanup_free char *why = NULL;
        struct session *session = NULL;
        int r = describe(pamh, arguments, user, &open);

        if (r < 0)
                return refuse(pamh, user, r == -ENOENT ? "no such user" : strerror(-r));
        /* uid 0 is never notified as a stage and no mount is read-only for it: a root account cannot be confined. */
        if (open.uid == 0)
                return refuse(pamh, user, "a diag user must not have uid 0");
        r = session_open(arguments, &open, &session, &why);
        if (r < 0)
                return refuse(pamh, user, why != NULL ? why : strerror(-r));
        r = pam_set_data(pamh, DATA_NAME, session, session_cleanup);
        if (r != PAM_SUCCESS) {
                session_free(session);
                return refuse(pamh, user, pam_strerror(pamh, r));
        }
        if (arguments->debug)
                pam_syslog(pamh, LOG_DEBUG, "session of %s opened, policy %s", user, arguments->policy);
        return PAM_SUCCESS;
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
        struct arguments arguments;
        const char *user;
        const void *data;

        (void)flags;
        arguments_parse(argc, argv, &arguments);
        user = item_text(pamh, PAM_USER);
        if (user == NULL || !is_diag_user(pamh, &arguments, user))
                return PAM_IGNORE;
        if (arguments.wrong != NULL) {
                pam_syslog(pamh, LOG_ERR, "unknown or wrong argument: %s", arguments.wrong);
                return refuse(pamh, user,
                              "a wrong argument of the module in the PAM service file (its name is in the log)");
        }
        if (pam_get_data(pamh, DATA_NAME, &data) == PAM_SUCCESS)
                return refuse(pamh, user, "the module stands twice in the PAM service file");
        return open_for(pamh, &arguments, user);
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
        const void *data;
        int r;

        (void)flags;
        (void)argc;
        (void)argv;
        if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || data == NULL)
                return PAM_IGNORE;
        /* libpam hands our own pointer back as const. */
        r = session_close((struct session *)(uintptr_t)data);
        if (r < 0)
                pam_syslog(pamh, LOG_ERR, "the end of the session was not confirmed by its supervisor: %s",
                           strerror(-r));
        return r < 0 ? PAM_SESSION_ERR : PAM_SUCCESS;
}

/* The module has nothing to say on who may log in: these exist so that a service file that names it there gets a clear answer. */

EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
        (void)pamh;
        (void)flags;
        (void)argc;
        (void)argv;
        return PAM_IGNORE;
}

EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
        (void)pamh;
        (void)flags;
        (void)argc;
        (void)argv;
        return PAM_IGNORE;
}

EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
        (void)pamh;
        (void)flags;
        (void)argc;
        (void)argv;
        return PAM_IGNORE;
}
