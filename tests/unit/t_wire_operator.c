/* wire/operator.c: a socket with a session's name, for root alone. */
#include "pam_diag/wire/operator.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/sql_help.h"

static char directory_path[128];

static int must_make(void)
{
        int directory = -1;

        snprintf(directory_path, sizeof(directory_path), "%s/run", home);
        ck_assert_int_eq(operator_directory_make(directory_path, getuid(), &directory), 0);
        return directory;
}

START_TEST(the_directory_is_shut)
{
        cleanup_fd int directory = must_make();
        cleanup_fd int again = -1;
        int other = -7;
        struct stat info;
        char link[256];

        ck_assert_int_eq(fchmod(directory, 0777), 0);
        ck_assert_int_eq(operator_directory_make(directory_path, getuid(), &again), 0);
        ck_assert_int_eq(fstat(directory, &info), 0);
        ck_assert_int_eq(info.st_mode & 07777, 0700);
        snprintf(link, sizeof(link), "%s/link", home);
        ck_assert_int_eq(symlink("/tmp", link), 0);
        ck_assert_int_eq(operator_directory_make(link, getuid(), &other), -ENOTDIR);
        ck_assert_int_eq(operator_directory_make("/nowhere/run", getuid(), &other), -ENOENT);
        ck_assert_int_eq(other, -7);
        (void)rmdir(directory_path);
}
END_TEST

START_TEST(a_question_and_its_answer)
{
        cleanup_fd int directory = must_make();
        cleanup_fd int listener = -1;
        cleanup_fd int caller = -1;
        cleanup_fd int client = -1;
        cleanup_message struct message message = MESSAGE_INIT;
        int nobody = -7;

        if (getuid() != 0) {
                fprintf(stderr, "SKIP a_question_and_its_answer: needs root\n");
                return;
        }
        ck_assert_int_eq(operator_connect(directory_path, SESSION, 0, &client), -ENOENT);
        ck_assert_int_eq(operator_listen(directory, SESSION, &listener), 0);
        ck_assert_int_eq(operator_accept(listener, &nobody), -EAGAIN);
        ck_assert_int_eq(operator_connect(directory_path, SESSION, 0, &client), 0);
        ck_assert_int_eq(operator_accept(listener, &caller), 0);
        ck_assert_int_eq(message_send_plain(client, OPERATOR_ASK_KILL), 0);
        ck_assert_int_eq(message_receive(caller, 1000, &message), 0);
        ck_assert_int_eq(message.type, OPERATOR_ASK_KILL);
        ck_assert_int_eq(message.uid, 0);
        ck_assert_int_eq(message.pid, getpid());
        listener = fd_close(listener);
        ck_assert_int_eq(operator_connect(directory_path, SESSION, 0, &nobody), -ECONNREFUSED);
        operator_unlisten(directory, SESSION);
        ck_assert_int_eq(operator_connect(directory_path, SESSION, 0, &nobody), -ENOENT);
        ck_assert_int_eq(nobody, -7);
        (void)rmdir(directory_path);
}
END_TEST

/* A caller may speak at any time once it is connected: its first message has a sender, whatever the listener has done by then. */
START_TEST(whoever_speaks_early_is_known)
{
        cleanup_fd int directory = must_make();
        cleanup_fd int listener = -1;
        cleanup_fd int caller = -1;
        cleanup_fd int client = -1;
        cleanup_message struct message message = MESSAGE_INIT;

        ck_assert_int_eq(operator_listen(directory, SESSION, &listener), 0);
        ck_assert_int_eq(operator_connect(directory_path, SESSION, getuid(), &client), 0);
        caller = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        ck_assert_int_ge(caller, 0);
        ck_assert_int_eq(message_send_plain(client, OPERATOR_ASK_KILL), 0);
        ck_assert_int_eq(message_receive(caller, 1000, &message), 0);
        ck_assert_int_eq(message.uid, getuid());
        ck_assert_int_eq(message.pid, getpid());
        operator_unlisten(directory, SESSION);
        (void)rmdir(directory_path);
}
END_TEST

/* In a process of its own: `act` as another user. */
static int as_nobody(int (*act)(int directory), int directory)
{
        int status = -1;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (setresuid(65534, 65534, 65534) < 0)
                        _exit(100);
                _exit(act(directory));
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        return WEXITSTATUS(status);
}

static int connect_there(int directory)
{
        int client = -1;

        (void)directory;
        return -operator_connect(directory_path, SESSION, 0, &client);
}

static int listen_there(int directory)
{
        int listener = -1;

        return -operator_listen(directory, SESSION, &listener);
}

START_TEST(nobody_else_gets_through)
{
        cleanup_fd int directory = must_make();
        cleanup_fd int listener = -1;
        char socket_path[256];
        int caller = -7;

        if (getuid() != 0) {
                fprintf(stderr, "SKIP nobody_else_gets_through: needs root\n");
                return;
        }
        ck_assert_int_eq(chmod(home, 0755), 0);
        ck_assert_int_eq(operator_listen(directory, SESSION, &listener), 0);
        ck_assert_int_eq(as_nobody(connect_there, directory), EACCES); /* by the directory */
        snprintf(socket_path, sizeof(socket_path), "%s/%s", directory_path, SESSION);
        ck_assert_int_eq(fchmod(directory, 0777), 0);
        ck_assert_int_eq(chmod(socket_path, 0777), 0);
        ck_assert_int_eq(as_nobody(connect_there, directory), 0);
        ck_assert_int_eq(operator_accept(listener, &caller), -EPERM); /* and by who it is */
        ck_assert_int_eq(caller, -7);
        operator_unlisten(directory, SESSION);
        /* A socket that somebody else has made in the place of a supervisor's. */
        ck_assert_int_eq(as_nobody(listen_there, directory), 0);
        ck_assert_int_eq(unlink(socket_path), 0);
        (void)rmdir(directory_path);
}
END_TEST

/* Who listens is asked of the kernel: not the session's supervisor, so it gets no question. */
START_TEST(a_listener_of_another_user)
{
        cleanup_fd int directory = must_make();
        int client = -7;
        int ready[2], stay[2];
        char byte = 0;
        pid_t pid;

        if (getuid() != 0) {
                fprintf(stderr, "SKIP a_listener_of_another_user: needs root\n");
                return;
        }
        ck_assert_int_eq(chmod(home, 0755), 0);
        ck_assert_int_eq(fchmod(directory, 0777), 0);
        ck_assert_int_eq(pipe(ready), 0);
        ck_assert_int_eq(pipe(stay), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                int listener = -1;

                close(stay[1]);
                if (setresuid(65534, 65534, 65534) < 0 || operator_listen(directory, SESSION, &listener) < 0 ||
                    write(ready[1], "x", 1) != 1)
                        _exit(1);
                _exit(read(stay[0], &byte, 1) == 0 ? 0 : 1);
        }
        ck_assert_int_eq(read(ready[0], &byte, 1), 1);
        ck_assert_int_eq(operator_connect(directory_path, SESSION, 0, &client), -EPERM);
        ck_assert_int_eq(client, -7);
        close(stay[1]);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        operator_unlisten(directory, SESSION);
        (void)rmdir(directory_path);
}
END_TEST

/* One that is stopped takes nobody in: who calls then is told, and not kept. */
START_TEST(a_listener_that_hangs)
{
        cleanup_fd int directory = must_make();
        cleanup_fd int listener = -1;
        int clients[64];
        size_t count = 0;
        int r = 0;

        ck_assert_int_eq(operator_listen(directory, SESSION, &listener), 0);
        while (count < 64 && (r = operator_connect(directory_path, SESSION, getuid(), &clients[count])) == 0)
                count++;
        ck_assert_int_eq(r, -EAGAIN);
        ck_assert_uint_gt(count, 1);
        ck_assert_int_eq(fcntl(clients[0], F_GETFL) & O_NONBLOCK, 0);
        ck_assert(!operator_is_stale(directory, SESSION));
        while (count > 0)
                close(clients[--count]);
        operator_unlisten(directory, SESSION);
        (void)rmdir(directory_path);
}
END_TEST

/* As a supervisor leaves it that is killed between bind(2) and rename(2), if it is closed. */
static int must_bind(int directory, const char *name, int type)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        ck_assert_int_ge(fd, 0);
        snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory, name);
        ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        return fd;
}

START_TEST(what_is_stale)
{
        cleanup_fd int directory = must_make();
        cleanup_fd int listener = -1;
        cleanup_fd int draft = -1;
        int nobody = -7;
        int plain;

        ck_assert(!operator_is_stale(directory, SESSION));
        ck_assert_int_eq(operator_listen(directory, SESSION, &listener), 0);
        ck_assert(!operator_is_stale(directory, SESSION));
        /* It was not even disturbed. */
        ck_assert_int_eq(accept4(listener, NULL, NULL, SOCK_CLOEXEC), -1);
        ck_assert_int_eq(errno, EAGAIN);
        ck_assert_int_eq(operator_listen(directory, SESSION, &nobody), -EEXIST);
        ck_assert_int_eq(operator_listen(directory, "../" SESSION, &nobody), -EINVAL);
        ck_assert_int_eq(nobody, -7);
        listener = fd_close(listener);
        ck_assert(operator_is_stale(directory, SESSION));
        ck_assert_int_eq(faccessat(directory, "." SESSION, F_OK, 0), -1);
        draft = must_bind(directory, "." SESSION, SOCK_SEQPACKET); /* it does not listen yet */
        ck_assert(!operator_is_stale(directory, "." SESSION));
        draft = fd_close(draft);
        ck_assert(operator_is_stale(directory, "." SESSION));
        /* Nothing else is taken for one of ours. */
        ck_assert_int_eq(renameat(directory, "." SESSION, directory, SESSION "0"), 0);
        ck_assert(!operator_is_stale(directory, SESSION "0"));
        ck_assert_int_eq(renameat(directory, SESSION "0", directory, "0123456789ABCDEF0123456789ABCDEF"), 0);
        ck_assert(!operator_is_stale(directory, "0123456789ABCDEF0123456789ABCDEF"));
        ck_assert_int_eq(unlinkat(directory, "0123456789ABCDEF0123456789ABCDEF", 0), 0);
        ck_assert_int_eq(unlinkat(directory, SESSION, 0), 0);
        plain = openat(directory, SESSION, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(plain, 0);
        close(plain);
        ck_assert(!operator_is_stale(directory, SESSION));
        ck_assert_int_eq(unlinkat(directory, SESSION, 0), 0);
        ck_assert_int_eq(symlinkat("/nowhere", directory, SESSION), 0);
        ck_assert(!operator_is_stale(directory, SESSION));
        ck_assert_int_eq(unlinkat(directory, SESSION, 0), 0);
        ck_assert_int_eq(rmdir(directory_path), 0);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { a_listener_that_hangs,         what_is_stale,
                                       the_directory_is_shut,         a_question_and_its_answer,
                                       whoever_speaks_early_is_known, nobody_else_gets_through,
                                       a_listener_of_another_user };

        return RUN_SUITE("wire_operator", tests);
}
