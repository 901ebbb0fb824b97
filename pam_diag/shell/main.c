/* diag-shell: the login shell of a diag user.
 *
 * Runs as  the diag user, inside the session's mount tree, Landlock domain and filter; installed 0711, so that no process of the same
 *          user can look into it or trace it.
 * Trusts   the supervisor's plan, which comes over the channel that the kernel injected before this program's exec; nothing that the
 *          client sends.
 * Never    decides what may run, runs anything without the supervisor's plan, or gives a command a terminal, an environment or a
 *          descriptor that it does not need.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/shell/reap.h"
#include "pam_diag/shell/relay.h"
#include "pam_diag/shell/request.h"
#include "pam_diag/shell/run.h"
#include "pam_diag/shell/say.h"
#include "pam_diag/wire/message.h"

/* The supervisor may have to wait for the audit database's lock before it answers. */
enum { ANSWER_MS = 60000, ENDED_MS = 20000, SIGNAL_BASE = 128 };

static bool has_channel(void)
{
        struct ucred peer;
        socklen_t size = sizeof(peer);
        int type = 0;
        socklen_t type_size = sizeof(type);

        /* The pair was made by the supervisor: its other end is never this user's own. */
        return getsockopt(CHANNEL_FD, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_SEQPACKET &&
               getsockopt(CHANNEL_FD, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid != getuid();
}

static int signals_take(int *ret_signals)
{
        sigset_t set;
        int signals;

        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGQUIT);
        sigaddset(&set, SIGTERM);
        if (sigprocmask(SIG_SETMASK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
                return -errno;
        signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (signals < 0)
                return -errno;
        *ret_signals = signals;
        return 0;
}

static int ask_run(const struct channel_run *run, struct message *ret_answer)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        int r;

        channel_run_pack(run, &body);
        r = message_send(CHANNEL_FD, CHANNEL_ASK_RUN, &body, -1);
        return r < 0 ? r : message_receive(CHANNEL_FD, ANSWER_MS, ret_answer);
}

/* The command's status may go to the client only after its end is on record. */
static void report_end(const struct channel_end *end)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        cleanup_message struct message answer = MESSAGE_INIT;
        int r;

        channel_end_pack(end, &body);
        r = message_send(CHANNEL_FD, CHANNEL_REPORT_END, &body, -1);
        if (r == 0 && end->how == END_SESSION)
                return; /* nobody would answer: the supervisor ends the session */
        if (r == 0)
                r = message_receive(CHANNEL_FD, ENDED_MS, &answer);
        if (r == 0 && answer.type == CHANNEL_ANSWER_ENDED) {
                struct unpack unpack = UNPACK_INIT(answer.body, answer.length);

                if (unpack_u32(&unpack) == 1)
                        return;
        }
        say("the end of this command could not be recorded; no further command will run until that is mended");
}

static int status_of(const struct plan *plan, const struct channel_end *end)
{
        switch ((enum end_how)end->how) {
        case END_TIMEOUT:
                say("stopped after %llu s, the limit of this command", (unsigned long long)plan->timeout_ms / 1000);
                return STATUS_TIMEOUT;
        case END_OUTPUT_LIMIT:
                say("stopped after %llu bytes of output, the limit of this command; narrow it down",
                    (unsigned long long)plan->output_most);
                return STATUS_OUTPUT_LIMIT;
        case END_SESSION:
                say("stopped: the session has ended");
                break;
        default:
                break;
        }
        return end->signal != 0 ? SIGNAL_BASE + (int)end->signal : (int)end->status;
}

static int carry_out(const struct plan *plan, int signals)
{
        struct channel_end end;
        const char *step = "";
        const char *program = "";
        int r;

        /* A client that does not read must not keep limits from being enforced. */
        (void)relay_unblock(STDOUT_FILENO);
        (void)relay_unblock(STDERR_FILENO);
        r = run_plan(plan, signals, &end, &step, &program);
        if (r < 0)
                say("refused: cannot %s: %s: %s", step, program, strerror(-r));
        report_end(&end);
        return status_of(plan, &end);
}

static int print_text(const struct message *answer)
{
        struct unpack unpack = UNPACK_INIT(answer->body, answer->length);
        cleanup_free char *text = unpack_text(&unpack);

        if (text == NULL || !unpack_done(&unpack))
                return STATUS_REFUSED;
        return fd_write_all(STDOUT_FILENO, text, strlen(text)) < 0 ? 1 : 0;
}

static int print_refusal(const struct message *answer)
{
        cleanup_free char *text = NULL;
        uint32_t status;

        if (channel_refusal_unpack(answer->body, answer->length, &status, &text) < 0)
                return STATUS_REFUSED;
        say("%s", text);
        return (int)status;
}

static int obey(const struct message *answer, int signals)
{
        cleanup_plan struct plan plan = { 0 };

        switch (answer->type) {
        case CHANNEL_ANSWER_TEXT:
                return print_text(answer);
        case CHANNEL_ANSWER_REFUSED:
                return print_refusal(answer);
        case CHANNEL_ANSWER_PLAN:
                if (plan_unpack(answer->body, answer->length, &plan) == 0)
                        return carry_out(&plan, signals);
                break;
        default:
                break;
        }
        say("refused: the supervisor's answer cannot be read");
        return STATUS_REFUSED;
}

int main(int argc, char **argv)
{
        cleanup_channel_run struct channel_run run = { 0 };
        cleanup_message struct message answer = MESSAGE_INIT;
        int signals = -1;
        int r;

        if (!has_channel()) {
                say("refused: no session here. pam_diag.so must stand as `session required` in the PAM service of "
                    "sshd, "
                    "and this program must be started by sshd as the login shell");
                return STATUS_REFUSED;
        }
        if (close_range(CHANNEL_FD, CHANNEL_FD, CLOSE_RANGE_CLOEXEC) < 0 || close_range(CHANNEL_FD + 1, ~0U, 0) < 0 ||
            reap_prepare() < 0 || signals_take(&signals) < 0) {
                say("refused: cannot prepare for a command: %s", strerror(errno));
                return STATUS_REFUSED;
        }
        r = request_read(argc, argv, &run);
        if (r < 0) {
                say("refused: %s", r == -E2BIG ? "the command line is longer than 128 KiB"
                                               : "this shell takes one command: ssh HOST 'COMMAND'");
                return STATUS_REFUSED;
        }
        r = ask_run(&run, &answer);
        if (r < 0) {
                say("refused: no answer from the supervisor (%s), so nothing runs", strerror(-r));
                return STATUS_REFUSED;
        }
        return obey(&answer, signals);
}
