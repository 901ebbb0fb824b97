/* A program that tries things: run as an allowed command, it says what the kernel answered.
 *
 * Usage: probe ATTEMPT [ARGUMENT…]. Prints "ATTEMPT: ok" or "ATTEMPT: ERRNO-NAME" and exits 0: the test reads the line.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static uint16_t port_of(const char *text)
{
        uint64_t port;

        if (num_parse_u64(text, 1, UINT16_MAX, &port) < 0)
                exit(2);
        return (uint16_t)port;
}

static int try_read(char **arguments)
{
        char data[4096];
        int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, data, sizeof(data));

        if (n < 0)
                return -errno;
        (void)fwrite(data, 1, (size_t)n, stdout);
        return 0;
}

static int try_write(char **arguments)
{
        int fd = open(arguments[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        return fd < 0 || write(fd, "x", 1) < 0 ? -errno : 0;
}

static int try_make_directory(char **arguments)
{
        return mkdir(arguments[0], 0755) < 0 ? -errno : 0;
}

static int try_exec(char **arguments)
{
        char *const none[] = { NULL };

        execve(arguments[0], arguments, none);
        return -errno;
}

static int try_exec_at(char **arguments)
{
        char *const none[] = { NULL };
        int fd = open(arguments[0], O_PATH | O_CLOEXEC);

        if (fd >= 0)
                syscall(SYS_execveat, fd, "", arguments, none, AT_EMPTY_PATH);
        return -errno;
}

static int try_exec_memory(char **arguments)
{
        static const char script[] = "#!/bin/sh\necho ran\n";
        char *const none[] = { NULL };
        char name[] = "memory";
        char *const argv[] = { name, NULL };
        int fd = memfd_create("script", 0);

        (void)arguments;
        /* A limit on file sizes may stop the write already: the exec is tried all the same. */
        (void)signal(SIGXFSZ, SIG_IGN);
        if (fd < 0)
                return -errno;
        (void)fd_write_all(fd, script, sizeof(script) - 1);
        fexecve(fd, argv, none);
        return -errno;
}

/* An exec whose argument would forge a record if it were not escaped. */
static int try_exec_forged(char **arguments)
{
        char program[] = "/usr/bin/id";
        char forged[] = "x\n{\"kind\":\"exec\",\"verdict\":\"allow\"}\x1b[2J\xff";
        char *const argv[] = { program, forged, NULL };
        char *const none[] = { NULL };

        (void)arguments;
        execve(program, argv, none);
        return -errno;
}

static int try_exec_many(char **arguments)
{
        int r = 0;

        for (int i = 0; i < 200; i++)
                r = try_exec(arguments);
        return r;
}

/* arguments: family, type, protocol as numbers. */
static int try_socket(char **arguments)
{
        uint64_t numbers[3];

        for (size_t i = 0; i < 3; i++)
                if (num_parse_u64(arguments[i], 0, 1024, &numbers[i]) < 0)
                        exit(2);
        return socket((int)numbers[0], (int)numbers[1], (int)numbers[2]) < 0 ? -errno : 0;
}

static struct sockaddr_in loopback(const char *port)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port_of(port)) };

        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return to;
}

static int connect_by(int type, int protocol, const char *port)
{
        struct sockaddr_in to = loopback(port);
        int fd = socket(AF_INET, type | SOCK_CLOEXEC, protocol);

        if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
                return -errno;
        return write(fd, "probe\n", 6) < 0 ? -errno : 0;
}

static int try_tcp(char **arguments)
{
        return connect_by(SOCK_STREAM, 0, arguments[0]);
}

static int try_mptcp(char **arguments)
{
        return connect_by(SOCK_STREAM, IPPROTO_MPTCP, arguments[0]);
}

static int try_udp(char **arguments)
{
        return connect_by(SOCK_DGRAM, 0, arguments[0]);
}

static int try_fast_open(char **arguments)
{
        struct sockaddr_in to = loopback(arguments[0]);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || sendto(fd, "probe\n", 6, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)) < 0)
                return -errno;
        return 0;
}

static int try_unix(char **arguments)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", arguments[0]);
        return fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

static int try_shared_memory(char **arguments)
{
        (void)arguments;
        return shm_open("/probe", O_CREAT | O_RDWR, 0600) < 0 ? -errno : 0;
}

/* A SysV segment with a given key: made in the session it must not be seen outside, nor the other way round. */
static int try_sysv(char **arguments)
{
        return shmget((key_t)port_of(arguments[0]), 4096, 0) < 0 ? -errno : 0;
}

static int try_sysv_make(char **arguments)
{
        return shmget((key_t)port_of(arguments[0]), 4096, IPC_CREAT | IPC_EXCL | 0666) < 0 ? -errno : 0;
}

static int try_signal(char **arguments)
{
        return kill((pid_t)port_of(arguments[0]), SIGKILL) < 0 ? -errno : 0;
}

static int try_terminal(char **arguments)
{
        (void)arguments;
        return open("/dev/tty", O_RDWR | O_CLOEXEC) < 0 ? -errno : 0;
}

static int try_crash(char **arguments)
{
        (void)arguments;
        return raise(SIGSEGV);
}

static int try_wait(char **arguments)
{
        (void)arguments;
        (void)puts("waiting");
        (void)fflush(stdout);
        for (;;)
                pause();
        return 0;
}

/* Leaves a process behind that has left the session, the group and the streams. */
static int try_daemon(char **arguments)
{
        (void)arguments;
        if (fork() == 0) {
                (void)setsid();
                if (fork() == 0) {
                        (void)close_range(0, ~0U, 0);
                        for (;;)
                                pause();
                }
                _exit(0);
        }
        (void)wait(NULL);
        return 0;
}

/* The same, but it keeps stdout open: who waits for the end of the stream waits for ever. */
static int try_holder(char **arguments)
{
        (void)arguments;
        if (fork() == 0) {
                (void)setsid();
                for (;;)
                        pause();
        }
        return 0;
}

/* A datagram socket in a process that has left its stage: orphaned, it is nobody's but diag-shell's. */
static int try_orphan_socket(char **arguments)
{
        int answer = -EIO;
        int ends[2];

        (void)arguments;
        if (pipe(ends) < 0)
                return -errno;
        if (fork() == 0) {
                pid_t middle = getpid();

                if (fork() == 0) {
                        while (getppid() == middle)
                                ;
                        answer = socket(AF_UNIX, SOCK_DGRAM, 0) < 0 ? -errno : 0;
                        (void)fd_write_all(ends[1], &answer, sizeof(answer));
                }
                _exit(0);
        }
        (void)wait(NULL);
        return read(ends[0], &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? answer : -EIO;
}

/* Takes another process' descriptors away: diag-shell could then end nothing any more. */
static int try_limit(char **arguments)
{
        struct rlimit none = { 0, 0 };

        (void)arguments;
        return prlimit(getppid(), RLIMIT_NOFILE, &none, NULL) < 0 ? -errno : 0;
}

static int try_pair(char **arguments)
{
        int ends[2];

        (void)arguments;
        return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
}

static int try_namespace(char **arguments)
{
        (void)arguments;
        return unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
}

/* The same by the call itself, which glibc does not offer for this. */
static int try_clone(char **arguments)
{
        long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

        (void)arguments;
        if (pid == 0)
                _exit(0);
        return pid < 0 ? -errno : 0;
}

static int try_trace(char **arguments)
{
        (void)arguments;
        return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? -errno : 0;
}

/* Waits until the file can be read, or the session ends. */
static int try_read_later(char **arguments)
{
        (void)puts("waiting");
        (void)fflush(stdout);
        for (;;) {
                int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);

                if (fd >= 0) {
                        fd_close(fd);
                        return try_read(arguments);
                }
                (void)usleep(1000);
        }
}

static int try_flood(char **arguments)
{
        static char line[4096];

        (void)arguments;
        memset(line, 'x', sizeof(line));
        for (;;)
                if (write(STDOUT_FILENO, line, sizeof(line)) < 0)
                        return -errno;
}

static int try_environment(char **arguments)
{
        (void)arguments;
        for (char **variable = environ; *variable != NULL; variable++)
                (void)puts(*variable);
        return 0;
}

static int try_streams(char **arguments)
{
        (void)arguments;
        (void)puts("to stdout");
        (void)fputs("to stderr\n", stderr);
        return 0;
}

static int try_status(char **arguments)
{
        exit(port_of(arguments[0]) & 0xff);
}

/* Which descriptors this program was given. */
static int try_descriptors(char **arguments)
{
        (void)arguments;
        for (int fd = 0; fd < 1024; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        (void)printf("fd %d\n", fd);
        return 0;
}

static const struct {
        const char *name;
        int arguments;
        int (*attempt)(char **arguments);
} attempts[] = {
        { "read", 1, try_read },
        { "write", 1, try_write },
        { "mkdir", 1, try_make_directory },
        { "exec", 1, try_exec },
        { "exec-at", 1, try_exec_at },
        { "exec-memory", 0, try_exec_memory },
        { "exec-forged", 0, try_exec_forged },
        { "exec-many", 1, try_exec_many },
        { "socket", 3, try_socket },
        { "tcp", 1, try_tcp },
        { "mptcp", 1, try_mptcp },
        { "udp", 1, try_udp },
        { "fast-open", 1, try_fast_open },
        { "unix", 1, try_unix },
        { "shm", 0, try_shared_memory },
        { "sysv", 1, try_sysv },
        { "sysv-make", 1, try_sysv_make },
        { "signal", 1, try_signal },
        { "terminal", 0, try_terminal },
        { "crash", 0, try_crash },
        { "wait", 0, try_wait },
        { "daemon", 0, try_daemon },
        { "holder", 0, try_holder },
        { "orphan-socket", 0, try_orphan_socket },
        { "limit", 0, try_limit },
        { "pair", 0, try_pair },
        { "namespace", 0, try_namespace },
        { "clone", 0, try_clone },
        { "trace", 0, try_trace },
        { "read-later", 1, try_read_later },
        { "flood", 0, try_flood },
        { "environment", 0, try_environment },
        { "streams", 0, try_streams },
        { "status", 1, try_status },
        { "descriptors", 0, try_descriptors },
};

int main(int argc, char **argv)
{
        for (size_t i = 0; argc > 1 && i < sizeof(attempts) / sizeof(attempts[0]); i++) {
                int r;

                if (strcmp(attempts[i].name, argv[1]) != 0 || argc - 2 < attempts[i].arguments)
                        continue;
                r = attempts[i].attempt(argv + 2);
                (void)printf("%s: %s\n", argv[1], r == 0 ? "ok" : strerrorname_np(-r));
                return 0;
        }
        (void)fprintf(stderr, "probe: no such attempt\n");
        return 2;
}
