/* pam_times ROUNDS FIGURE USER…: opens and closes PAM sessions of service "sshd", each in a process of its own as in sshd, the users in turn;
 * how long each of the two calls takes, and how much of the processor the first one takes in that process: the module's own work. What was
 * measured while the processor was slower than its best is measured again.
 *
 * pam_times masks USER: in how many places something is hidden from a session of that user.
 *
 * Root, in the namespaces of a throw-away host. */
#include <errno.h>
#include <inttypes.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pam_diag/base/num.h"
#include "tests/bench/sample.h"

enum { ROUNDS_MOST = 100000, WARM = 2, NAME_SIZE = 256, LINE_SIZE = 16 * 1024 };

enum { TRIES = 40, PAUSE_NS = 50 * 1000 * 1000, STATUS_DISTURBED = 75 };

enum purpose { PURPOSE_WARM, PURPOSE_TIMES, PURPOSE_MASKS };

/* Whatever a module says is for whoever runs this. */
static int converse(int count, const struct pam_message **messages, struct pam_response **ret_responses, void *data)
{
        struct pam_response *responses = calloc((size_t)count, sizeof(*responses));

        (void)data;
        for (int i = 0; i < count; i++)
                (void)fprintf(stderr, "%s\n", messages[i]->msg);
        *ret_responses = responses;
        return responses == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

/* A mask is a mount of the empty file or directory of the module's own filesystem. */
static int count_masks(void)
{
        FILE *table = fopen("/proc/self/mountinfo", "re");
        char line[LINE_SIZE];
        int count = 0;

        if (table == NULL)
                return -errno;
        while (fgets(line, sizeof(line), table) != NULL)
                count += strstr(line, " - tmpfs diag ") != NULL &&
                         (strstr(line, " /dir /") != NULL || strstr(line, " /file /") != NULL);
        return fclose(table) == 0 ? count : -EIO;
}

static void say(const char *what, const char *figure, const char *user, int64_t ns)
{
        char name[NAME_SIZE];

        (void)snprintf(name, sizeof(name), "session %s, %s", what, figure);
        sample_put(name, user, ns);
}

struct times {
        int64_t open, work, close;
};

static int start(const char *user, pam_handle_t **ret_pamh)
{
        static struct pam_conv conversation = { .conv = converse };
        int r = pam_start("sshd", user, &conversation, ret_pamh);

        if (r == PAM_SUCCESS)
                r = pam_set_item(*ret_pamh, PAM_TTY, "ssh");
        return r == PAM_SUCCESS ? pam_set_item(*ret_pamh, PAM_RHOST, "192.0.2.1") : r;
}

static int open_and_close(const char *user, enum purpose purpose, struct times *ret_times)
{
        pam_handle_t *pamh = NULL;
        int64_t begin, opened, closing, work;
        int r = start(user, &pamh);

        work = sample_processor_now();
        begin = sample_now();
        if (r == PAM_SUCCESS)
                r = pam_open_session(pamh, 0);
        opened = sample_now();
        work = sample_processor_now() - work;
        if (r != PAM_SUCCESS)
                return r;
        if (purpose == PURPOSE_MASKS)
                (void)printf("%d\n", count_masks());
        closing = sample_now();
        r = pam_close_session(pamh, 0);
        *ret_times = (struct times){ .open = opened - begin, .work = work, .close = sample_now() - closing };
        (void)pam_end(pamh, r);
        return r;
}

/* The status to end with. */
static int measure(const char *figure, const char *user, enum purpose purpose, int64_t best)
{
        struct times times = { 0 };
        int64_t before = sample_pace();
        int r = open_and_close(user, purpose, &times);

        if (r != PAM_SUCCESS)
                return 1;
        if (purpose != PURPOSE_TIMES)
                return 0;
        if (!sample_is_undisturbed(before, best) || !sample_is_undisturbed(sample_pace(), best))
                return STATUS_DISTURBED;
        say("open", figure, user, times.open);
        say("open, work in sshd's process", figure, user, times.work);
        say("close", figure, user, times.close);
        return 0;
}

/* The process that opens a session is confined for good: it opens one and ends. -EAGAIN: it was disturbed. */
static int one(const char *figure, const char *user, enum purpose purpose, int64_t best)
{
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                int r = measure(figure, user, purpose, best);

                (void)fflush(stdout);
                _exit(r);
        }
        if (pid < 0)
                return -errno;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_DISTURBED)
                return -EAGAIN;
        return status == 0 ? 0 : -EPROTO;
}

/* Where the machine gives no undisturbed moment a disturbed one has to do. */
static int one_undisturbed(const char *figure, const char *user, enum purpose purpose, int64_t best,
                           uint64_t *disturbed)
{
        struct timespec pause = { .tv_nsec = PAUSE_NS };
        int r = one(figure, user, purpose, best);

        for (int i = 0; r == -EAGAIN; i++) {
                (*disturbed)++;
                (void)nanosleep(&pause, NULL);
                r = one(figure, user, purpose, i < TRIES ? best : INT64_MAX / 8);
        }
        return r;
}

static int run(uint64_t rounds, const char *figure, char **users)
{
        int64_t best = sample_best_pace();
        uint64_t disturbed = 0;

        for (uint64_t round = 0; round < WARM + rounds; round++)
                for (char **user = users; *user != NULL; user++)
                        if (one_undisturbed(figure, *user, round < WARM ? PURPOSE_WARM : PURPOSE_TIMES, best,
                                            &disturbed) < 0) {
                                (void)fprintf(stderr, "pam_times: no session for %s\n", *user);
                                return 1;
                        }
        (void)fprintf(stderr, "%s: %" PRIu64 " sessions were measured again, the processor being slow\n", figure,
                      disturbed);
        return 0;
}

int main(int argc, char **argv)
{
        uint64_t rounds;

        if (argc == 3 && strcmp(argv[1], "masks") == 0)
                return one("masks", argv[2], PURPOSE_MASKS, 1) < 0;
        if (argc < 4 || num_parse_u64(argv[1], 1, ROUNDS_MOST, &rounds) < 0) {
                (void)fprintf(stderr, "usage: pam_times ROUNDS FIGURE USER… | masks USER\n");
                return 2;
        }
        return run(rounds, argv[2], argv + 3);
}
