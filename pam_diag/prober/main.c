/* diag-prober: opens a session of the diag user as sshd does, has diag-probe run in it, and says what held.
 *
 * Runs as  root, started by `diagctl doctor --probe`; it stands for sshd's monitor: pam_diag.so confines it, and the supervisor takes it for
 *          sshd. Its child stands for sshd's unprivileged one.
 * Trusts   its arguments (diagctl's), the host's files.
 * Never    changes the host: the two rules of diag-probe lie over the policy in this process' own mount namespace and nowhere else. They
 *          are gone with it, however it ends, and no other session ever sees them.
 *
 * Usage: diag-prober SERVICE USER POLICY [DENIED-PATTERN…]
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/buf.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/confine/cover.h"
#include "pam_diag/probe/finding.h"
#include "pam_diag/prober/bait.h"
#include "pam_diag/prober/login.h"
#include "pam_diag/prober/outside.h"
#include "pam_diag/prober/rule.h"
#include "pam_diag/prober/side.h"

enum { POLICY_MOST = 16 * 1024 * 1024, ARGUMENTS_LEAST = 4 };

static int cover_policy(const char *policy, const char **ret_where)
{
        cleanup_buf struct buf text = BUF_INIT(POLICY_MOST);
        cleanup_free char *data = NULL;
        size_t length = 0;
        int r;

        *ret_where = policy;
        r = fd_read_file(policy, POLICY_MOST / 2, &data, &length);
        if (r < 0)
                return r;
        buf_put(&text, data, length);
        rule_put(&text, PATH_PROBE);
        return text.error != 0 ? text.error : cover_file(policy, text.data, text.length, ret_where);
}

static void run(struct login *login, const char *user, struct outside *outside, const struct bait *bait)
{
        int r = outside_look(outside);

        if (r < 0)
                finding_say(false, FINDING_MOUNTS, "nobody has looked from outside: %s", strerror(-r));
        r = side_run(user, bait);
        if (r < 0)
                finding_say(false, FINDING_SESSION, "the user's side cannot be run: %s", strerror(-r));
        login_close(login);
}

int main(int argc, char **argv)
{
        struct bait bait = BAIT_INIT;
        struct outside outside = { .start = -1 };
        struct login login = { 0 };
        const char *where = "";
        int r;

        if (argc < ARGUMENTS_LEAST || geteuid() != 0) {
                (void)fputs("diag-prober: started by `diagctl doctor --probe` only, as root\n", stderr);
                return 2;
        }
        (void)umask(022);
        r = cover_policy(argv[3], &where);
        if (r == 0)
                r = bait_make(&bait, &where);
        if (r == 0) {
                where = "a witness";
                r = outside_start(&outside, argv + ARGUMENTS_LEAST);
        }
        if (r < 0) {
                finding_say(false, FINDING_SESSION, "cannot be prepared: %s: %s", where, strerror(-r));
                return 1;
        }
        if (!login_open(&login, argv[1], argv[2]))
                return 1;
        run(&login, argv[2], &outside, &bait);
        return 0;
}
