/* exec_times FIGURE SIDE SKIP COUNT ERRNO PROGRAM: fork, exec of PROGRAM and wait, COUNT times after SKIP others, each measured. What the exec
 * is to come to is ERRNO: 0 for a program that runs and succeeds. Anything else ends the run.
 *
 * Runs bare, under null_supervisor, and as an allowed command of a session. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/num.h"
#include "tests/bench/sample.h"

enum { COUNT_MOST = 100000, ERRNO_MOST = 133 };

static int once(char *program, int64_t *ret_ns, int *ret_status)
{
        char *argv[] = { program, NULL };
        int64_t start = sample_now();
        pid_t pid = fork();

        if (pid == 0) {
                (void)execv(program, argv);
                _exit(errno);
        }
        if (pid < 0 || waitpid(pid, ret_status, 0) < 0)
                return -errno;
        *ret_ns = sample_now() - start;
        return 0;
}

int main(int argc, char **argv)
{
        uint64_t skip, count, expected;

        if (argc != 7 || num_parse_u64(argv[3], 0, COUNT_MOST, &skip) < 0 ||
            num_parse_u64(argv[4], 1, COUNT_MOST, &count) < 0 || num_parse_u64(argv[5], 0, ERRNO_MOST, &expected) < 0)
                return 2;
        for (uint64_t i = 0; i < skip + count; i++) {
                int64_t ns;
                int status;

                if (once(argv[6], &ns, &status) < 0 || !WIFEXITED(status) ||
                    (uint64_t)WEXITSTATUS(status) != expected) {
                        (void)fprintf(stderr, "exec_times: %s: wait status %d instead of errno %d\n", argv[2], status,
                                      (int)expected);
                        return 1;
                }
                if (i >= skip)
                        sample_put(argv[1], argv[2], ns);
        }
        return 0;
}
