#include "pam_diag/supervisor/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/policy/engine.h"
#include "pam_diag/policy/errors.h"
#include "pam_diag/supervisor/domain.h"
#include "pam_diag/supervisor/door.h"
#include "pam_diag/supervisor/group.h"
#include "pam_diag/supervisor/record.h"
#include "pam_diag/supervisor/trees.h"
#include "pam_diag/wire/message.h"

enum { OPENING_MS = 20000, WHY_MOST = 4096 };

/* Tells the module; always returns -EPERM. */
static int refuse(const struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(const struct session *session, const char *format, ...)
{
        cleanup_buf struct buf text = BUF_INIT(WHY_MOST);
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);
        va_list arguments;

        va_start(arguments, format);
        buf_vprintf(&text, format, arguments);
        va_end(arguments);
        pack_text(&body, text.error != 0 ? "the supervisor refuses (the reason is too long to show)" : text.data);
        (void)message_send(session->control, CONTROL_ANSWER_REFUSED, &body, -1);
        return -EPERM;
}

/* One message of root's. Before the first one the monitor's pid is not known: the kernel names it. */
static int receive_any(const struct session *session, struct message *message)
{
        int r = message_receive(session->control, OPENING_MS, message);

        if (r < 0)
                return r;
        return message->uid != 0 || (session->monitor != 0 && message->pid != session->monitor) ? -EPROTO : 0;
}

static int receive(const struct session *session, uint32_t type, struct message *message)
{
        int r = receive_any(session, message);

        return r == 0 && message->type != type ? -EPROTO : r;
}

/* The database's path is absolute (the module has seen to it). */
static int name_directory(struct session *session)
{
        const char *slash = strrchr(session->open.db, '/');

        if (slash == NULL)
                return -EPROTO;
        session->directory = strndup(session->open.db,
                                     slash == session->open.db ? 1 : (size_t)(slash - session->open.db));
        return session->directory == NULL ? -ENOMEM : 0;
}

static int take_question(struct session *session)
{
        cleanup_message struct message message = MESSAGE_INIT;
        int r = receive(session, CONTROL_ASK_OPEN, &message);

        if (r == 0)
                r = control_open_unpack(message.body, message.length, &session->open);
        if (r == 0)
                r = authinfo_parse(session->open.auth_info, &session->auth);
        if (r == 0)
                r = name_directory(session);
        if (r < 0)
                return r;
        session->monitor = message.pid;
        session->pidfd = (int)syscall(SYS_pidfd_open, session->monitor, 0);
        if (session->pidfd < 0)
                return refuse(session, "sshd's process cannot be watched: %s", strerror(errno));
        return 0;
}

static int load_policy(struct session *session)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        const char *text;
        size_t first;

        if (policy_load(session->open.policy, POLICY_ROOT_ONLY, &errors, &session->policy) == 0)
                return 0;
        text = errors.text.data == NULL ? session->open.policy : errors.text.data;
        first = strcspn(text, "\n");
        if (errors.count > 1)
                return refuse(session, "policy: %.*s (and %zu more: diagctl policy check)", (int)first, text,
                              errors.count - 1);
        return refuse(session, "policy: %.*s", (int)first, text);
}

/* After the policy: meanwhile the reader process has started. */
static int know_sshd(struct session *session)
{
        int r = reader_exe(&session->reader, session->monitor, &session->monitor_exe);

        return r < 0 ? refuse(session, "the reader process does not answer: %s", strerror(-r)) : 0;
}

static int begin_audit(struct session *session)
{
        int r = kaudit_begin(&session->kaudit, policy_audit(session->policy));

        return r < 0 ? refuse(session, "the policy requires the kernel's audit: %s", kaudit_why(r)) : 0;
}

static int open_database(struct session *session)
{
        struct auditdb_why why;
        int r = auditdb_open(session->open.db, AUDITDB_WRITE, &session->db, &why);

        return r < 0 ? refuse(session, "%s", why.text) : 0;
}

/* The directory of the records is denied whatever the policy says. */
static int deny_records(const struct session *session, char ***deny)
{
        int r = engine_masks(session->policy, session->auth.fingerprint, deny);

        if (r == 0 && strcmp(session->directory, "/") != 0)
                r = strv_append_once(deny, session->directory);
        return r;
}

static int send_network(const struct session *session)
{
        char name[] = CONTROL_NETWORK_LOOPBACK;
        char *names[] = { name, NULL };

        if ((policy_network(session->policy) & NETWORK_LOOPBACK) == 0)
                return 0;
        return control_list_send(session->control, CONTROL_LIST_NETWORK, names);
}

/* For each command at once there is room for its diag-shell and the stages of its line, besides what the limit is about. */
static int send_limits(const struct session *session)
{
        struct limits most = policy_limits(session->policy);
        unsigned commands = policy_concurrency(session->policy);
        uint64_t room = (uint64_t)commands * (1 + PLAN_STAGES_MOST);
        char memory[32], processes[32];
        char *texts[] = { memory, processes, NULL };

        (void)snprintf(memory, sizeof(memory), "%" PRIu64, most.memory_most);
        (void)snprintf(processes, sizeof(processes), "%" PRIu64,
                       most.processes_most == 0 || commands == 0 ? 0 : most.processes_most + room);
        return control_list_send(session->control, CONTROL_LIST_LIMITS, texts);
}

static int send_lists(struct session *session)
{
        int r = deny_records(session, &session->masked);

        if (r == 0)
                r = control_list_send(session->control, CONTROL_LIST_DENY, session->masked);
        if (r == 0)
                r = trees_reduce(policy_allow(session->policy), policy_runtime(session->policy), &session->reads);
        if (r == 0)
                r = control_list_send(session->control, CONTROL_LIST_ACCEPT, policy_accept_missing(session->policy));
        if (r == 0)
                r = send_network(session);
        if (r == 0)
                r = send_limits(session);
        if (r < 0)
                return refuse(session, "the lists to confine by cannot be made: %s", strerror(-r));
        return message_send_plain(session->control, CONTROL_ANSWER_READY);
}

/* Always 0: when the module has failed meanwhile, or is told here to, its report is still to be read, so that the session is on record. */
static int send_domain(const struct session *session)
{
        cleanup_buf struct buf nothing = BUF_INIT(MESSAGE_BODY_MOST);
        cleanup_domain struct domain domain = { 0 };
        const char *path = NULL;
        int r = domain_begin(session, &domain, &path);

        if (r == 0)
                r = control_list_send(session->control, CONTROL_LIST_READ, domain.reads);
        if (r == 0)
                r = control_list_send(session->control, CONTROL_LIST_LIST, domain.lists);
        if (r == 0)
                r = message_send(session->control, CONTROL_ANSWER_DOMAIN, &nothing, landlock_ruleset(domain.landlock));
        if (r < 0)
                (void)refuse(session, "what the session may read and execute: %s%s%s", path != NULL ? path : "",
                             path != NULL ? ": " : "", strerror(-r));
        return 0;
}

static int name_session(struct session *session)
{
        unsigned char bytes[(SESSION_ID_SIZE - 1) / 2];

        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
                return refuse(session, "no random bytes for the session's id");
        for (size_t i = 0; i < sizeof(bytes); i++)
                (void)snprintf(session->id + 2 * i, 3, "%02x", bytes[i]);
        session->opened_us = clock_monotonic_us();
        return 0;
}

/* A session that nobody could end is not begun. */
static int open_door(struct session *session)
{
        int r = session->run < 0 ? session->run_error : door_open(session);

        return r < 0 ? refuse(session, "operators could not end this session: %s: %s", PATH_RUN, strerror(-r)) : 0;
}

/* A session that its module could not confine is on record as refused, with what the module has told of the host, if it could. */
static int record_refused(struct session *session, const struct message *message)
{
        cleanup_strv char **missing = NULL;
        struct auditdb_why why;

        if (message->type == CONTROL_REPORT_UNCONFINED) {
                struct unpack unpack = UNPACK_INIT(message->body, message->length);

                missing = unpack_strv(&unpack, CONTROL_LIST_MOST);
        }
        session->ending = "refused";
        session->ended_us = clock_monotonic_us();
        if (record_open(session, missing, &why) == 0)
                (void)record_close(session, &why);
        return -ECONNRESET;
}

/* What was lost before this moment diag-shell finds, which looks at each denied place before each command. */
static int watch_mounts(struct session *session)
{
        char path[64];
        int r;

        (void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", session->monitor);
        session->mounts = open(path, O_RDONLY | O_CLOEXEC);
        if (session->mounts < 0)
                return refuse(session, "the session's mounts cannot be watched: %s: %s", path, strerror(errno));
        r = session_count_masks(session, &session->mask_count);
        if (r < 0)
                return refuse(session, "the session's masks cannot be counted: %s: %s", path, strerror(-r));
        return 0;
}

/* Each of the two comes at most once. */
static int take_group(struct session *session, struct message *message)
{
        return message->type == CONTROL_ASK_GROUP
                       ? group_take(session, message->body, message->length, &message->fds[0])
                       : group_take_home(session, message->length, &message->fds[0]);
}

static int take_listener(struct session *session)
{
        cleanup_message struct message message = MESSAGE_INIT;
        cleanup_strv char **missing = NULL;
        struct unpack unpack;
        struct auditdb_why why;
        int r = receive_any(session, &message);

        while (r == 0 && (message.type == CONTROL_ASK_GROUP || message.type == CONTROL_ASK_HOME)) {
                r = take_group(session, &message);
                message_free(&message);
                message = MESSAGE_INIT;
                if (r == 0)
                        r = receive_any(session, &message);
        }
        if (r == 0 && message.type != CONTROL_ASK_CONFINED)
                r = -EPROTO;
        if (r < 0)
                return record_refused(session, &message);
        unpack = UNPACK_INIT(message.body, message.length);
        missing = unpack_strv(&unpack, CONTROL_LIST_MOST);
        session->mask_device = unpack_u64(&unpack);
        if (!unpack_done(&unpack) || message.fds[0] < 0)
                return refuse(session, "the module's message cannot be read");
        session->listener = take_fd(&message.fds[0]);
        r = watch_mounts(session);
        if (r < 0)
                return r;
        r = record_open(session, missing, &why);
        return r < 0 ? refuse(session, "%s", why.text) : 0;
}

int opening_serve(struct session *session)
{
        int r = take_question(session);

        if (r == 0)
                r = load_policy(session);
        if (r == 0)
                r = know_sshd(session);
        if (r == 0)
                r = begin_audit(session);
        if (r == 0)
                r = open_database(session);
        if (r == 0)
                r = name_session(session);
        if (r == 0)
                r = open_door(session);
        if (r == 0)
                r = send_lists(session);
        if (r == 0)
                r = send_domain(session);
        if (r == 0)
                r = take_listener(session);
        if (r == 0)
                r = message_send_plain(session->control, CONTROL_ANSWER_OPENED);
        return r;
}
