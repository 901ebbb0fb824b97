/* undisturbed best: the best pace of a processor (sample.h). undisturbed BEST COMMAND…: runs the command on one processor, and ends as it does, but
 * with status 75 when that processor was slower than its best before or afterwards: what the command has measured says nothing then. */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/num.h"
#include "tests/bench/sample.h"

enum { STATUS_USAGE = 2, STATUS_FAILED = 1, STATUS_DISTURBED = 75 };

static int stay_here(void)
{
        cpu_set_t one;

        CPU_ZERO(&one);
        CPU_SET((unsigned)sched_getcpu(), &one);
        return sched_setaffinity(0, sizeof(one), &one) < 0 ? -errno : 0;
}

static int run(char **command, int *ret_status)
{
        pid_t pid = fork();

        if (pid == 0) {
                (void)execvp(command[0], command);
                _exit(STATUS_FAILED);
        }
        if (pid < 0)
                return -errno;
        while (waitpid(pid, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

int main(int argc, char **argv)
{
        uint64_t best;
        int64_t before;
        int status = 0;
        int r;

        if (argc == 2 && strcmp(argv[1], "best") == 0)
                return printf("%" PRId64 "\n", sample_best_pace()) < 0;
        if (argc < 3 || num_parse_u64(argv[1], 1, INT64_MAX / 8, &best) < 0) {
                (void)fprintf(stderr, "usage: undisturbed best | BEST COMMAND…\n");
                return STATUS_USAGE;
        }
        r = stay_here();
        before = sample_pace();
        if (r == 0)
                r = run(argv + 2, &status);
        if (r < 0) {
                (void)fprintf(stderr, "undisturbed: %s: %s\n", argv[2], strerror(-r));
                return STATUS_FAILED;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                return STATUS_FAILED;
        return sample_is_undisturbed(before, (int64_t)best) && sample_is_undisturbed(sample_pace(), (int64_t)best)
                       ? 0
                       : STATUS_DISTURBED;
}
