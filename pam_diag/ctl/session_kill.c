#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/monitor.h"
#include "pam_diag/wire/operator.h"
#include "sql/sessions.h"

/* sshd has that long to end by itself, less than its session's supervisor waits for it. */
enum { ANSWER_MS = 5000, PATIENCE_MS = 3000, CLOSE_MS = 15000, SMALL_FILE = 64 };

static int fail(struct auditdb_why *why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(struct auditdb_why *why, int error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(why->text, sizeof(why->text), format, arguments);
        va_end(arguments);
        return error;
}

/* What is on record of the session that is meant. */
struct target {
        char session[33];
        int64_t monitor; /* the pid that its sshd had */
        bool closed;
};

static int take_target(void *context, const struct session_row *row)
{
        struct target *target = context;

        target->monitor = row->monitor;
        target->closed = row->closed;
        return 1;
}

static int find(const char *path, const char *prefix, struct target *ret_target, struct auditdb_why *why)
{
        cleanup_auditdb struct auditdb *db = NULL;
        struct target target = { .monitor = 0 };
        int r = auditdb_open(path, AUDITDB_READ, &db, why);

        if (r == 0)
                r = auditdb_find_session(db, prefix, target.session, why);
        if (r == 0)
                r = auditdb_sessions(db, &(struct select_filter){ .session = target.session }, false, 1, take_target,
                                     &target, why);
        if (r == 0)
                *ret_target = target;
        return r;
}

static int reach(const struct target *target, int *ret_socket, struct auditdb_why *why)
{
        const struct passwd *owner = getpwnam(AUDIT_USER);
        int r = operator_connect(PATH_RUN, target->session, owner == NULL ? 0 : owner->pw_uid, ret_socket);

        switch (r) {
        case -ENOENT:
                if (target->closed)
                        return fail(why, r, "session %s is over", target->session);
                return fail(why, r,
                            "session %s has lost its supervisor, or runs on another host: no command can start in it "
                            "any more here",
                            target->session);
        case -ECONNREFUSED:
                return fail(why, r, "session %s has lost its supervisor: no command can start in it any more",
                            target->session);
        case -EAGAIN:
                return fail(why, r, "the supervisor of session %s takes no callers: it hangs, or is stopped",
                            target->session);
        case 0:
                return 0;
        default:
                return fail(why, r, "the supervisor of session %s cannot be reached in %s: %s (root can)",
                            target->session, PATH_RUN, strerror(-r));
        }
}

/* Whoever logged in to this machine, even when root is typing now; the supervisor asks the kernel for the numbers itself. */
static const char *operator_name(void)
{
        cleanup_free char *text = NULL;
        const struct passwd *entry;
        uint64_t uid = getuid();
        size_t length;

        if (fd_read_file("/proc/self/loginuid", SMALL_FILE, &text, &length) == 0)
                (void)num_parse_u64(text, 0, UINT32_MAX - 1, &uid);
        entry = getpwuid((uid_t)uid);
        return entry == NULL || strlen(entry->pw_name) > OPERATOR_NAME_MOST ? "?" : entry->pw_name;
}

static int take_answer(const struct message *message, struct auditdb_why *why)
{
        struct unpack unpack = UNPACK_INIT(message->body, message->length);
        cleanup_free char *text = NULL;

        if (message->type == OPERATOR_ANSWER_KILLING && message->fds[0] >= 0)
                return 0;
        text = message->type == OPERATOR_ANSWER_REFUSED ? unpack_text(&unpack) : NULL;
        return fail(why, -EPERM, "the supervisor refuses: %s", text == NULL ? "its answer cannot be read" : text);
}

static int ask(int socket, int *ret_monitor, struct auditdb_why *why)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        cleanup_message struct message message = MESSAGE_INIT;
        int r;

        pack_text(&body, operator_name());
        r = message_send(socket, OPERATOR_ASK_KILL, &body, -1);
        if (r == 0)
                r = message_receive(socket, ANSWER_MS, &message);
        if (r < 0)
                return fail(why, r, "the supervisor does not answer: %s", strerror(-r));
        r = take_answer(&message, why);
        if (r == 0)
                *ret_monitor = take_fd(&message.fds[0]);
        return r;
}

static int end_monitor(int pidfd, int64_t pid, struct auditdb_why *why)
{
        int r = monitor_prove(pidfd, pid);

        if (r == -ENXIO)
                return fail(why, r, "process %lld is not the sshd of this session and is left alone", (long long)pid);
        r = r == -ESRCH ? 0 : monitor_end(pidfd, PATIENCE_MS);
        return r < 0 ? fail(why, r, "sshd's process %lld cannot be ended: %s", (long long)pid, strerror(-r)) : 0;
}

/* The end is on record in any case: the supervisor has it to write, and this only waits for its word. */
static int await_closed(int socket, struct auditdb_why *why)
{
        cleanup_message struct message message = MESSAGE_INIT;
        int r = message_receive(socket, CLOSE_MS, &message);

        if (r == 0 && message.type == OPERATOR_ANSWER_CLOSED)
                return 0;
        return fail(why, r < 0 ? r : -EPROTO,
                    "the session is ended, but the supervisor has not said that its end is on record; "
                    "look with diagctl sessions");
}

static int kill_session(const char *path, const char *prefix, struct target *ret_target, struct auditdb_why *why)
{
        cleanup_fd int socket = -1;
        cleanup_fd int monitor = -1;
        int r = find(path, prefix, ret_target, why);

        if (r == 0)
                r = reach(ret_target, &socket, why);
        if (r == 0)
                r = ask(socket, &monitor, why);
        if (r == 0)
                r = end_monitor(monitor, ret_target->monitor, why);
        return r == 0 ? await_closed(socket, why) : r;
}

int session_kill_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *path = PATH_DB;
        const struct ctl_option options[] = { { "--db", CTL_TEXT, &path } };
        struct auditdb_why why = { "" };
        struct target target = { .monitor = 0 };
        int first = 0;

        if (ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first) < 0)
                return CTL_USAGE;
        if (argc - first != 1)
                return ctl_usage_error(command, "expected one session");
        if (kill_session(path, argv[first], &target, &why) < 0)
                return ctl_why(command, why.text);
        printf("session %s is killed, and that is on record\n", target.session);
        return CTL_GOOD;
}
