/* null_supervisor PROGRAM WORD…: the least that a supervisor of execs can do. Every exec of the program and of its children is notified, and
 * continued at once: nothing is read, judged or recorded. */
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/confine/listener.h"
#include "pam_diag/wire/message.h"

static int install(int *ret_listener)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        int r = filter == NULL ? -ENOMEM : seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(execve), 0);

        if (r == 0)
                r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(execveat), 0);
        if (r == 0)
                r = seccomp_load(filter);
        if (r == 0) {
                r = seccomp_notify_fd(filter);
                if (r >= 0) {
                        *ret_listener = r;
                        r = 0;
                }
        }
        seccomp_release(filter);
        return r;
}

static int become(int channel, char **argv)
{
        const struct buf none = { 0 };
        int listener = -1;
        int r = install(&listener);

        if (r == 0)
                r = message_send(channel, 0, &none, listener);
        (void)fd_close(listener);
        if (r == 0)
                (void)execvp(argv[0], argv);
        return 126;
}

static void serve(int listener)
{
        for (;;) {
                struct pollfd wait = { .fd = listener, .events = POLLIN };
                struct notification notification;

                if (poll(&wait, 1, -1) < 0 || (wait.revents & POLLIN) == 0)
                        return;
                if (listener_receive(listener, &notification) == 0)
                        (void)listener_continue(listener, notification.id);
        }
}

int main(int argc, char **argv)
{
        cleanup_message struct message message = MESSAGE_INIT;
        int ours, theirs, status;
        pid_t pid;

        if (argc < 2 || message_pair(&theirs, &ours) < 0)
                return 2;
        pid = fork();
        if (pid == 0)
                _exit(become(theirs, argv + 1));
        (void)fd_close(theirs);
        if (pid < 0 || message_receive(ours, -1, &message) < 0 || message.fds[0] < 0) {
                (void)fprintf(stderr, "null_supervisor: no listener\n");
                return 1;
        }
        serve(message.fds[0]);
        return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
