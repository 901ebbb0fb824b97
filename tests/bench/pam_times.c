/* pam_times masks USER: in how many places something is hidden from a session of that user. pam_times ROUNDS FIGURE USER…: opens and closes PAM sessions of service "sshd", each in a process of its own as in sshd, the users in turn;
 * how long each of the two calls takes, and how much of the processor the first one takes in that process: the module's own work. Root, in the namespaces of a throw-away host. */
#include <errno.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/num.h"
#include "tests/bench/sample.h"

enum { ROUNDS_MOST = 100000, WARM = 2, NAME_SIZE = 256, LINE_SIZE = 16 * 1024 };

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

static int open_and_close(const char *figure, const char *user, enum purpose purpose)
{
        struct pam_conv conversation = { .conv = converse };
        pam_handle_t *pamh = NULL;
        int64_t begin, opened, closing, closed, work;
        int r = pam_start("sshd", user, &conversation, &pamh);

        if (r == PAM_SUCCESS)
                r = pam_set_item(pamh, PAM_TTY, "ssh");
        if (r == PAM_SUCCESS)
                r = pam_set_item(pamh, PAM_RHOST, "192.0.2.1");
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
        closed = sample_now();
        (void)pam_end(pamh, r);
        if (purpose == PURPOSE_TIMES && r == PAM_SUCCESS) {
                say("open", figure, user, opened - begin);
                say("open, work in sshd's process", figure, user, work);
                say("close", figure, user, closed - closing);
        }
        return r;
}

/* The process that opens a session is confined for good: it opens one and ends. */
static int one(const char *figure, const char *user, enum purpose purpose)
{
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                int r = open_and_close(figure, user, purpose);

                (void)fflush(stdout);
                _exit(r != PAM_SUCCESS);
        }
        if (pid < 0)
                return -errno;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return status == 0 ? 0 : -EPROTO;
}

int main(int argc, char **argv)
{
        uint64_t rounds;

        if (argc == 3 && strcmp(argv[1], "masks") == 0)
                return one("masks", argv[2], PURPOSE_MASKS) < 0;
        if (argc < 4 || num_parse_u64(argv[1], 1, ROUNDS_MOST, &rounds) < 0) {
                (void)fprintf(stderr, "usage: pam_times ROUNDS FIGURE USER… | masks USER\n");
                return 2;
        }
        for (uint64_t round = 0; round < WARM + rounds; round++)
                for (int i = 3; i < argc; i++)
                        if (one(argv[2], argv[i], round < WARM ? PURPOSE_WARM : PURPOSE_TIMES) < 0) {
                                (void)fprintf(stderr, "pam_times: no session for %s\n", argv[i]);
                                return 1;
                        }
        return 0;
}
