/* diag-supervisor: decides and records.
 *
 * Runs as  root for a few lines, then diag-audit without any capability; one process per ssh connection, plus its reader and the one that
 *          talks to the kernel's audit. Started by pam_diag.so, in the host's own mount namespace, outside of the session's filter.
 * Trusts   the module's messages (uid 0 and the monitor's pid, by the kernel's word), the policy's files once their
 *          owners are checked, diag-shell's announcements as far as the kernel vouches for the sender.
 * Never    lets anything run that is not on record, continues a call that somebody could change meanwhile, or reads anything before it has
 *          dropped its privilege.
 */
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/drop.h"
#include "pam_diag/supervisor/opening.h"
#include "pam_diag/supervisor/serving.h"
#include "pam_diag/wire/message.h"
#include "pam_diag/wire/operator.h"

/* A failure before the module can be answered properly: one text, through the same door. */
static int give_up(const char *why)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);

        pack_text(&body, why);
        (void)message_send(CONTROL_FD, CONTROL_ANSWER_REFUSED, &body, -1);
        return 1;
}

static const char not_by_hand[] = "diag-supervisor: started by pam_diag.so only\n";

static bool is_control_socket(int fd)
{
        int type = 0;
        socklen_t size = sizeof(type);

        return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* The session ends with its monitor, not with a signal to everything in a scope or of a terminal. */
static void ignore_signals(void)
{
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGHUP, SIG_IGN);
        (void)signal(SIGINT, SIG_IGN);
        (void)signal(SIGTERM, SIG_IGN);
        /* Its two processes are reaped by the kernel; they are missed when they no longer answer. */
        (void)signal(SIGCHLD, SIG_IGN);
}

int main(void)
{
        struct session session = { .control = CONTROL_FD,
                                   .pidfd = -1,
                                   .listener = -1,
                                   .run = -1,
                                   .door = -1,
                                   .caller = -1,
                                   .mounts = -1,
                                   .group_procs = -1,
                                   .home_procs = -1,
                                   .sshd_pidfd = -1,
                                   .reader = READER_INIT,
                                   .kaudit = KAUDIT_INIT };
        const struct passwd *user;
        int r;

        if (!is_control_socket(CONTROL_FD)) {
                (void)fd_write_all(2, not_by_hand, sizeof(not_by_hand) - 1);
                return 2;
        }
        umask(077);
        ignore_signals();
        user = getpwnam(AUDIT_USER);
        if (user == NULL || user->pw_uid == 0)
                return give_up("system user " AUDIT_USER " is missing (or is root): create it");
        /* The two others first: they need capabilities that this process is about to give up. All drop before the first byte of
         * anybody's input is read. */
        if (reader_start(user->pw_uid, user->pw_gid, &session.reader) < 0)
                return give_up("the reader process cannot be started");
        if (kaudit_start(user->pw_uid, user->pw_gid, &session.kaudit) < 0)
                return give_up("the process that talks to the kernel's audit cannot be started");
        /* What it says is said when the module can be answered properly. */
        session.run_error = operator_directory_make(PATH_RUN, user->pw_uid, &session.run);
        if (drop_to(user->pw_uid, user->pw_gid, NULL, 0) < 0)
                return give_up("the supervisor cannot drop its privilege");
        r = opening_serve(&session);
        if (r == 0)
                r = serving_run(&session);
        session_clear(&session);
        return r < 0 ? 1 : 0;
}
