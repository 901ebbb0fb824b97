#include "pam_diag/prober/login.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/probe/finding.h"
#include "pam_diag/prober/rule.h"

/* Messages of the day are not for this terminal; why a session is refused is. Nobody answers a question. */
static int converse(int count, const struct pam_message **messages, struct pam_response **ret_responses, void *data)
{
        struct login *login = data;
        struct pam_response *responses;

        if (count <= 0)
                return PAM_CONV_ERR;
        responses = calloc((size_t)count, sizeof(*responses));
        if (responses == NULL)
                return PAM_BUF_ERR;
        for (int i = 0; i < count; i++)
                if (messages[i]->msg_style == PAM_ERROR_MSG) {
                        free(login->said);
                        login->said = strdup(messages[i]->msg);
                }
        *ret_responses = responses;
        return PAM_SUCCESS;
}

bool login_open(struct login *login, const char *service, const char *user)
{
        const struct pam_conv conversation = { .conv = converse, .appdata_ptr = login };
        int r = pam_start(service, user, &conversation, &login->pamh);

        if (r != PAM_SUCCESS) {
                finding_say(false, FINDING_SESSION, "PAM service %s does not start: error %d", service, r);
                return false;
        }
        r = pam_set_item(login->pamh, PAM_TTY, "ssh");
        if (r == PAM_SUCCESS)
                r = pam_putenv(login->pamh, "SSH_AUTH_INFO_0=" RULE_AUTH_INFO);
        if (r == PAM_SUCCESS)
                r = pam_open_session(login->pamh, 0);
        if (r == PAM_SUCCESS)
                finding_say(true, FINDING_SESSION, "PAM service %s opens one for user %s, as for sshd", service, user);
        else
                finding_say(false, FINDING_SESSION, "PAM service %s opens none for user %s: %s", service, user,
                            login->said != NULL ? login->said : pam_strerror(login->pamh, r));
        return r == PAM_SUCCESS;
}

void login_close(struct login *login)
{
        int r;

        if (login->pamh == NULL)
                return;
        r = pam_close_session(login->pamh, 0);
        if (r == PAM_SUCCESS)
                finding_say(true, FINDING_CLOSE, "the session is closed, its supervisor has confirmed the end");
        else
                finding_say(false, FINDING_CLOSE, "the session does not close as it should: %s",
                            pam_strerror(login->pamh, r));
        (void)pam_end(login->pamh, r);
        free(login->said);
        *login = (struct login){ 0 };
}
