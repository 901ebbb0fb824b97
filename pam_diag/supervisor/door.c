#include "pam_diag/supervisor/door.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/wire/operator.h"

enum { SMALL_FILE = 64 };

/* Safe: only root and the auditor write in the directory, and a name that nobody has open is of no use to anybody. */
void door_sweep(int directory)
{
        int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *entries = fd < 0 ? NULL : fdopendir(fd);

        if (entries == NULL) {
                fd_close(fd);
                return;
        }
        for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
                if (operator_is_stale(directory, entry->d_name))
                        (void)unlinkat(directory, entry->d_name, 0);
        (void)closedir(entries);
}

int door_open(struct session *session)
{
        door_sweep(session->run);
        return operator_listen(session->run, session->id, &session->door);
}

void door_close(struct session *session)
{
        operator_unlisten(session->run, session->id);
        session->door = fd_close(session->door);
        session->caller = fd_close(session->caller);
        session->run = fd_close(session->run);
}

/* One at a time; the newest counts, unless the one before has been promised an answer. */
void door_accept(struct session *session)
{
        cleanup_fd int caller = -1;
        int r = operator_accept(session->door, &caller);

        /* A socket from which nobody can be taken would be ready for ever. */
        if (r < 0 && r != -EAGAIN && r != -EPERM && r != -EINTR && r != -ECONNABORTED)
                session->door = fd_close(session->door);
        if (r < 0 || session->killed)
                return;
        fd_close(session->caller);
        session->caller = take_fd(&caller);
}

/* The kernel has named the sender's pid, and the sender, root, is waiting for the answer (proc(5), loginuid). */
static int64_t login_uid_of(pid_t pid)
{
        cleanup_free char *text = NULL;
        char path[64];
        uint64_t uid;
        size_t length;

        (void)snprintf(path, sizeof(path), "/proc/%d/loginuid", pid);
        if (fd_read_file(path, SMALL_FILE, &text, &length) < 0 || num_parse_u64(text, 0, UINT32_MAX - 1, &uid) < 0)
                return -1;
        return (int64_t)uid;
}

static char *name_of(const struct message *message)
{
        struct unpack unpack = UNPACK_INIT(message->body, message->length);
        cleanup_free char *name = unpack_text(&unpack);

        if (!unpack_done(&unpack) || name == NULL || strlen(name) > OPERATOR_NAME_MOST)
                return NULL;
        return take_ptr(&name);
}

static void refuse(const struct session *session, const char *why)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);

        pack_text(&body, why);
        (void)message_send(session->caller, OPERATOR_ANSWER_REFUSED, &body, -1);
}

/* Nothing is killed by a pid. What the session has started is in its own control group, and hangs on its diag-shells; sshd's monitor is
 * root's, which this process could not end: the operator gets the descriptor of exactly that process, held since the session opened. */
static void kill_session(struct session *session, const struct message *message)
{
        cleanup_free char *name = name_of(message);

        if (name == NULL) {
                refuse(session, "the question cannot be read");
        } else if (session->ending != NULL) {
                refuse(session, "the session is ending already");
        } else if (message_send(session->caller, OPERATOR_ANSWER_KILLING, NULL, session->pidfd) == 0) {
                session->killed = true;
                session->killer = (struct rec_operator){ .uid = message->uid, .auid = login_uid_of(message->pid) };
                session->killer_name = take_ptr(&name);
                session->killer.name = session->killer_name;
                session_end(session, "killed");
        }
}

void door_serve(struct session *session)
{
        cleanup_message struct message message = MESSAGE_INIT;
        int r = message_receive(session->caller, 0, &message);

        if (r == 0 && message.uid == 0 && message.type == OPERATOR_ASK_KILL)
                kill_session(session, &message);
        else
                session->caller = fd_close(session->caller);
}

void door_tell_closed(struct session *session)
{
        if (session->killed && session->caller >= 0)
                (void)message_send_plain(session->caller, OPERATOR_ANSWER_CLOSED);
}
