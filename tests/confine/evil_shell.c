/* A login shell that lies: in diag-shell's place it asks for one command and tries to run another. The supervisor must not believe it.
 *
 * sshd starts it as `evil_shell -c TRICK`. It prints "TRICK: ok" when something ran that should not have, or the errno's name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/wire/channel.h"
#include "pam_diag/wire/message.h"

static char cat[] = "/usr/bin/cat";
static char id[] = "/usr/bin/id";
static char name[] = "cat";
static char hostname[] = "/etc/hostname";
static char passwd[] = "/etc/passwd";
static char *const planned[] = { name, hostname, NULL };
static char *const other[] = { name, passwd, NULL };
static char *const more[] = { name, hostname, passwd, NULL };
static char *const none[] = { NULL };

static void ask(void)
{
        char line[] = "cat /etc/hostname";
        struct channel_run run = { .line = line, .line_length = strlen(line) };
        struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        struct message answer = MESSAGE_INIT;

        channel_run_pack(&run, &body);
        if (message_send(CHANNEL_FD, CHANNEL_ASK_RUN, &body, -1) < 0 ||
            message_receive(CHANNEL_FD, 20000, &answer) < 0 || answer.type != CHANNEL_ANSWER_PLAN) {
                (void)puts("no plan");
                exit(1);
        }
        message_free(&answer);
        buf_free(&body);
}

static void announce(void)
{
        struct buf body = BUF_INIT(16);

        pack_u32(&body, 0);
        (void)message_send(CHANNEL_FD, CHANNEL_ASK_STAGE, &body, -1);
        buf_free(&body);
}

static int exec_one(char *const program, char *const *argv)
{
        execve(program, argv, none);
        return -errno;
}

static int try_planned(void)
{
        announce();
        return exec_one(cat, planned);
}

static int try_argv(void)
{
        announce();
        return exec_one(cat, other);
}

static int try_more(void)
{
        announce();
        return exec_one(cat, more);
}

static int try_program(void)
{
        announce();
        return exec_one(id, planned);
}

static int try_unannounced(void)
{
        return exec_one(cat, planned);
}

/* The right belongs to the process that announced itself, not to its child. */
static int try_child(void)
{
        int status = 0;
        pid_t pid;

        announce();
        pid = fork();
        if (pid == 0)
                _exit(-exec_one(cat, planned));
        (void)waitpid(pid, &status, 0);
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static const struct {
        const char *trick;
        int (*attempt)(void);
} tricks[] = {
        { "planned", try_planned },         { "argv", try_argv },   { "more", try_more }, { "program", try_program },
        { "unannounced", try_unannounced }, { "child", try_child },
};

static void run(const char *trick, int (*attempt)(void))
{
        int r;

        if (fork() != 0) {
                (void)wait(NULL);
                return;
        }
        r = attempt();
        (void)printf("%s: %s\n", trick, r == 0 ? "ok" : strerrorname_np(-r));
        exit(0);
}

int main(int argc, char **argv)
{
        const char *trick = argc == 3 ? argv[2] : "";

        if (strcmp(trick, "unasked") == 0) {
                run(trick, try_unannounced);
                return 0;
        }
        ask();
        if (strcmp(trick, "twice") == 0) {
                run("planned", try_planned);
                run(trick, try_planned);
                return 0;
        }
        for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
                if (strcmp(tricks[i].trick, trick) == 0)
                        run(trick, tricks[i].attempt);
        return 0;
}
