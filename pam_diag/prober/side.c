#include "pam_diag/prober/side.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/probe/finding.h"
#include "pam_diag/prober/rule.h"
#include "pam_diag/prober/session.h"

static int drop_to(const struct passwd *user)
{
        if (initgroups(user->pw_name, user->pw_gid) < 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
            setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
                return -errno;
        return 0;
}

static int wait_for(pid_t pid, int *ret_status)
{
        while (waitpid(pid, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

/* As sshd does it (do_child of OpenSSH): the third process, the login shell, -c, one line. */
static _Noreturn void become_shell(const struct passwd *user, const struct bait *bait)
{
        char line[128];
        char option[] = "-c";
        char *const argv[] = { user->pw_shell, option, line, NULL };
        char path[] = "PATH=/usr/bin:/bin";
        char *const environment[] = { path, NULL };

        (void)snprintf(line, sizeof(line), RULE_PLAIN "; " RULE_GRANTED " %s", bait->socket_name);
        (void)execve(user->pw_shell, argv, environment);
        finding_say(false, FINDING_SESSION, "the login shell %s cannot be started: %s", user->pw_shell,
                    strerror(errno));
        _exit(1);
}

static void run_shell(const struct passwd *user, const struct bait *bait)
{
        int status = 0;
        pid_t pid = fork();

        if (pid == 0)
                become_shell(user, bait);
        if (pid < 0 || wait_for(pid, &status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
                finding_say(false, FINDING_SESSION, "diag-probe did not run to its end: status %d",
                            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static _Noreturn void be_side(const struct passwd *user, const struct bait *bait)
{
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        int r;

        /* Away from the operator's terminal and its keys. */
        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || setsid() < 0) {
                finding_say(false, FINDING_SESSION, "the user's side cannot be prepared: %s", strerror(errno));
                _exit(1);
        }
        r = drop_to(user);
        if (r < 0) {
                finding_say(false, FINDING_SESSION, "cannot become user %s: %s", user->pw_name, strerror(-r));
                _exit(1);
        }
        session_probe(bait);
        run_shell(user, bait);
        _exit(0);
}

int side_run(const char *user, const struct bait *bait)
{
        const struct passwd *entry = getpwnam(user);
        int status;
        pid_t pid;

        if (entry == NULL || entry->pw_uid == 0)
                return -ENOENT;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                be_side(entry, bait);
        return wait_for(pid, &status);
}
