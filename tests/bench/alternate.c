/* alternate FIGURE ROUNDS WARM-UP NAME STATUS WORD… [-- NAME STATUS WORD…]…: how long each of some commands takes, from spawn to wait.
 *
 * In each round every command runs once, and each round begins with another one: what the machine does besides meets all of them alike.
 * A command that ends in another way than with its STATUS ends the run, since a failure that is quick would look like a good figure. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/num.h"
#include "tests/bench/sample.h"

enum { SIDES_MOST = 16, ROUNDS_MOST = 1000000, STATUS_MOST = 255 };

struct side {
        const char *name;
        uint64_t status;
        char **argv;
};

struct sides {
        struct side all[SIDES_MOST];
        size_t count;
};

static int parse_side(char **words, struct sides *sides)
{
        struct side *side = &sides->all[sides->count];

        if (sides->count == SIDES_MOST || words[0] == NULL || words[1] == NULL || words[2] == NULL ||
            num_parse_u64(words[1], 0, STATUS_MOST, &side->status) < 0)
                return -EINVAL;
        side->name = words[0];
        side->argv = words + 2;
        sides->count++;
        return 0;
}

/* Each "--" is made the end of the argv before it. */
static int parse_sides(char **words, struct sides *sides)
{
        int r = parse_side(words, sides);

        for (; r == 0 && *words != NULL; words++)
                if (strcmp(*words, "--") == 0) {
                        *words = NULL;
                        r = parse_side(words + 1, sides);
                }
        return r;
}

static int spawn(const struct side *side, pid_t *ret_pid)
{
        posix_spawn_file_actions_t actions;
        int r = posix_spawn_file_actions_init(&actions);

        if (r != 0)
                return -r;
        r = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        if (r == 0)
                r = posix_spawnp(ret_pid, side->argv[0], &actions, NULL, side->argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
        return -r;
}

static int run(const struct side *side, int64_t *ret_ns)
{
        int64_t start = sample_now();
        int status;
        pid_t pid;
        int r = spawn(side, &pid);

        if (r < 0) {
                (void)fprintf(stderr, "alternate: %s: %s\n", side->argv[0], strerror(-r));
                return r;
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        *ret_ns = sample_now() - start;
        if (WIFEXITED(status) && (uint64_t)WEXITSTATUS(status) == side->status)
                return 0;
        (void)fprintf(stderr, "alternate: %s: wait status %d instead of exit status %d\n", side->name, status,
                      (int)side->status);
        return -EPROTO;
}

static int run_round(const char *figure, const struct sides *sides, uint64_t round, bool counts)
{
        for (size_t i = 0; i < sides->count; i++) {
                const struct side *side = &sides->all[(i + round) % sides->count];
                int64_t ns;
                int r = run(side, &ns);

                if (r < 0)
                        return r;
                if (counts)
                        sample_put(figure, side->name, ns);
        }
        return 0;
}

int main(int argc, char **argv)
{
        struct sides sides = { .count = 0 };
        uint64_t rounds, warm;

        if (argc < 7 || num_parse_u64(argv[2], 1, ROUNDS_MOST, &rounds) < 0 ||
            num_parse_u64(argv[3], 0, ROUNDS_MOST, &warm) < 0 || parse_sides(argv + 4, &sides) < 0) {
                (void)fprintf(stderr,
                              "usage: alternate FIGURE ROUNDS WARM-UP NAME STATUS WORD… [-- NAME STATUS WORD…]…\n");
                return 2;
        }
        for (uint64_t round = 0; round < warm + rounds; round++)
                if (run_round(argv[1], &sides, round < warm ? round : round - warm, round >= warm) < 0)
                        return 1;
        return 0;
}
