/* diag-probe: tries what a stage must not be able to do, and says what came of it.
 *
 * Runs as  the diag user, as a command of a session that `diagctl doctor --probe` has opened; its two rules are in that session's policy
 *          alone.
 * Trusts   nothing: whoever starts it elsewhere sees what holds there.
 * Never    does what would last, were it not refused: it makes no file that it does not remove, signals nobody (signal 0 asks only), and
 *          does nothing at all with privilege.
 *
 * `diag-probe` tries what no command may do; `diag-probe NAME` what a command with a grant for sockets may not do either, where NAME
 * is the number of an abstract unix socket of another process.
 */
#include <stdio.h>

#include "pam_diag/probe/stage.h"
#include "pam_diag/probe/try.h"

int main(int argc, char **argv)
{
        if (argc > 2) {
                (void)fputs("usage: diag-probe [NAME]\n", stderr);
                return 2;
        }
        if (try_harmless() < 0) {
                (void)fputs("diag-probe: not as root, nor with capabilities: what it tries would be done\n", stderr);
                return 2;
        }
        if (argc == 2)
                granted_probe(argv[1]);
        else
                stage_probe();
        return 0;
}
