/* confine/filter.c and listener.c: a real filter in a child, its listener here. */
#include "tests/unit/t_help.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "pam_diag/confine/filter.h"
#include "pam_diag/confine/listener.h"
#include "pam_diag/wire/message.h"

enum { WAIT_MS = 10000, INJECTED = 77 };

static int listener = -1;
static pid_t child;

/* A child that lives under the filter and runs `run`; its listener comes over a socket. */
static void guard(int (*run)(void *context), void *context)
{
        cleanup_message struct message message = MESSAGE_INIT;
        int theirs, ours;

        ck_assert_int_eq(message_pair(&theirs, &ours), 0);
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
                int own = -1;

                no_new_privs();
                ck_assert_int_eq(filter_install(&own), 0);
                ck_assert_int_eq(fcntl(own, F_GETFD), FD_CLOEXEC);
                ck_assert_int_eq(message_send(theirs, 1, NULL, own), 0);
                fd_close(own);
                fd_close(theirs);
                fd_close(ours);
                _exit(run(context));
        }
        fd_close(theirs);
        ck_assert_int_eq(message_receive(ours, WAIT_MS, &message), 0);
        fd_close(ours);
        listener = take_fd(&message.fds[0]);
        ck_assert_int_ge(listener, 0);
}

static short wait_event(int timeout_ms)
{
        struct pollfd wait = { .fd = listener, .events = POLLIN };

        ck_assert_int_ge(poll(&wait, 1, timeout_ms), 0);
        return wait.revents;
}

static struct notification next_call(enum listener_call call)
{
        struct notification notification;

        ck_assert_int_eq(wait_event(WAIT_MS), POLLIN);
        ck_assert_int_eq(listener_receive(listener, &notification), 0);
        ck_assert_int_eq(notification.pid, child);
        ck_assert_int_eq(notification.call, call);
        ck_assert(listener_is_valid(listener, notification.id));
        return notification;
}

/* The child's verdict; nobody is left under the filter then. */
static void must_end(int status)
{
        ck_assert_int_eq(wait_for(child), status);
        ck_assert_int_eq(wait_event(WAIT_MS) & (POLLHUP | POLLIN), POLLHUP);
        listener = fd_close(listener);
}

static char true_path[] = "/usr/bin/true";
static char *const true_argv[] = { true_path, NULL };
static char *const nothing[] = { NULL };

static int exec_true(void *context)
{
        (void)context;
        execve(true_path, true_argv, nothing);
        return errno;
}

static int exec_true_at(void *context)
{
        (void)context;
        syscall(SYS_execveat, AT_FDCWD, true_path, true_argv, nothing, 0);
        return errno;
}

START_TEST(an_exec_is_refused)
{
        struct notification notification;

        guard(exec_true, NULL);
        notification = next_call(LISTENER_EXECVE);
        ck_assert_uint_eq(notification.arguments[0], (uint64_t)(uintptr_t)true_path);
        ck_assert_uint_eq(notification.arguments[1], (uint64_t)(uintptr_t)true_argv);
        ck_assert_int_eq(listener_refuse(listener, notification.id, EACCES), 0);
        must_end(EACCES);
}
END_TEST

START_TEST(an_execveat_is_asked_too)
{
        struct notification notification;

        guard(exec_true_at, NULL);
        notification = next_call(LISTENER_EXECVEAT);
        ck_assert_uint_eq(notification.arguments[1], (uint64_t)(uintptr_t)true_path);
        ck_assert_int_eq(listener_refuse(listener, notification.id, EPERM), 0);
        must_end(EPERM);
}
END_TEST

START_TEST(an_exec_is_continued)
{
        guard(exec_true, NULL);
        ck_assert_int_eq(listener_continue(listener, next_call(LISTENER_EXECVE).id), 0);
        must_end(0);
}
END_TEST

/* Without anybody to answer, the call fails: a supervisor that died lets nothing run. */
START_TEST(without_a_listener_nothing_runs)
{
        guard(exec_true, NULL);
        (void)next_call(LISTENER_EXECVE);
        listener = fd_close(listener);
        ck_assert_int_eq(wait_for(child), ENOSYS);
}
END_TEST

static int open_sockets(void *context)
{
        int first = socket(AF_UNIX, SOCK_DGRAM, 0);

        (void)context;
        if (first < 0 || close(first) < 0)
                return 100;
        if (socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP) >= 0)
                return 101;
        return errno;
}

START_TEST(sockets_are_asked_for)
{
        struct notification notification;

        guard(open_sockets, NULL);
        notification = next_call(LISTENER_SOCKET);
        ck_assert_uint_eq(notification.arguments[0], AF_UNIX);
        ck_assert_uint_eq(notification.arguments[1], SOCK_DGRAM);
        ck_assert_int_eq(listener_continue(listener, notification.id), 0);
        notification = next_call(LISTENER_SOCKET);
        ck_assert_uint_eq(notification.arguments[0], AF_INET6);
        ck_assert_uint_eq(notification.arguments[1], SOCK_STREAM | SOCK_CLOEXEC);
        ck_assert_uint_eq(notification.arguments[2], IPPROTO_TCP);
        ck_assert_int_eq(listener_refuse(listener, notification.id, EACCES), 0);
        must_end(EACCES);
}
END_TEST

static int write_injected(void *context)
{
        (void)exec_true(context);
        /* Kept over exec: the program that is about to start finds it. */
        if (fcntl(INJECTED, F_GETFD) != 0)
                return 100;
        return write(INJECTED, "x", 1) == 1 ? 0 : 101;
}

START_TEST(a_descriptor_is_injected)
{
        struct notification notification;
        char got = 0;
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        guard(write_injected, NULL);
        notification = next_call(LISTENER_EXECVE);
        ck_assert_int_eq(listener_inject(listener, notification.id, ends[1], INJECTED), 0);
        ck_assert_int_eq(listener_inject(listener, notification.id, -1, INJECTED), -EBADF);
        ck_assert_int_eq(listener_refuse(listener, notification.id, EACCES), 0);
        must_end(0);
        fd_close(ends[1]);
        ck_assert_int_eq(read(ends[0], &got, 1), 1);
        ck_assert_int_eq(got, 'x');
        fd_close(ends[0]);
}
END_TEST

static int write_to_a_socket(void *context)
{
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

        (void)context;
        if (fd < 0 || fcntl(fd, F_GETFD) != FD_CLOEXEC)
                return 100;
        return write(fd, "x", 1) == 1 ? 0 : 101;
}

START_TEST(a_descriptor_is_given_as_the_answer)
{
        struct notification notification;
        char got = 0;
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        guard(write_to_a_socket, NULL);
        notification = next_call(LISTENER_SOCKET);
        ck_assert_int_eq(listener_give(listener, notification.id, -1, true), -EBADF);
        ck_assert_int_eq(listener_give(listener, notification.id, ends[1], true), 0);
        ck_assert_int_eq(listener_give(listener, notification.id, ends[1], true), -ENOENT);
        must_end(0);
        fd_close(ends[1]);
        ck_assert_int_eq(read(ends[0], &got, 1), 1);
        ck_assert_int_eq(got, 'x');
        fd_close(ends[0]);
}
END_TEST

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
        (void)number;
        signalled = 1;
}

static int exec_despite_signal(void *context)
{
        int error;

        if (signal(SIGUSR1, on_signal) == SIG_ERR)
                return 100;
        error = exec_true(context);
        return signalled ? error : 101;
}

/* A signal neither interrupts the wait nor starts the call again with a new notification. */
START_TEST(a_signal_does_not_restart_the_call)
{
        struct notification notification;

        guard(exec_despite_signal, NULL);
        notification = next_call(LISTENER_EXECVE);
        ck_assert_int_eq(kill(child, SIGUSR1), 0);
        ck_assert_int_eq(wait_event(300), 0);
        ck_assert(listener_is_valid(listener, notification.id));
        ck_assert_int_eq(listener_refuse(listener, notification.id, EACCES), 0);
        must_end(EACCES);
}
END_TEST

START_TEST(a_dead_caller_is_noticed)
{
        struct notification notification;
        cleanup_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        guard(exec_true, NULL);
        notification = next_call(LISTENER_EXECVE);
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(wait_for(child), -SIGKILL);
        ck_assert(!listener_is_valid(listener, notification.id));
        ck_assert_int_eq(listener_continue(listener, notification.id), -ENOENT);
        ck_assert_int_eq(listener_refuse(listener, notification.id, EACCES), -ENOENT);
        ck_assert_int_eq(listener_inject(listener, notification.id, null, INJECTED), -ENOENT);
        listener = fd_close(listener);
}
END_TEST

static int call_the_denied(void *context)
{
        static const struct {
                long number;
                long arguments[3];
        } calls[] = {
                { SYS_io_uring_setup, { 1, 0, 0 } },     { SYS_io_uring_enter, { -1, 0, 0 } },
                { SYS_io_uring_register, { -1, 0, 0 } }, { SYS_userfaultfd, { O_CLOEXEC, 0, 0 } },
                { SYS_perf_event_open, { 0, 0, -1 } },
        };

        (void)context;
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
                errno = 0;
                if (syscall(calls[i].number, calls[i].arguments[0], calls[i].arguments[1], calls[i].arguments[2]) >=
                            0 ||
                    errno != EPERM)
                        return (int)i + 1;
        }
        return 0;
}

/* They answer otherwise without the filter: with EFAULT, EBADF or a descriptor. */
START_TEST(some_calls_are_denied)
{
        ck_assert_int_ne(in_child(call_the_denied, NULL), 0);
        guard(call_the_denied, NULL);
        must_end(0);
}
END_TEST

static int install_again(void *context)
{
        int own = -1;

        (void)context;
        return filter_install(&own) == -EBUSY && own == -1 ? 0 : 1;
}

START_TEST(a_second_listener_is_refused)
{
        guard(install_again, NULL);
        must_end(0);
}
END_TEST

static int install_with_privilege(void *context)
{
        int own = -1;

        (void)context;
        if (geteuid() == 0)
                ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
        return filter_install(&own) == -EACCES && own == -1 ? 0 : 1;
}

START_TEST(no_new_privs_is_needed)
{
        ck_assert_int_eq(in_child(install_with_privilege, NULL), 0);
}
END_TEST

#if defined(__x86_64__)
enum { I386_GETPID = 20, X32_BIT = 0x40000000 };

static int call_i386(void *context)
{
        long result = I386_GETPID;

        (void)context;
        __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
        return result == getpid() ? 0 : 1;
}

static int call_x32(void *context)
{
        (void)context;
        return syscall(X32_BIT | SYS_getpid) < 0 ? 1 : 0;
}

START_TEST(other_abis_kill)
{
        if (in_child(call_i386, NULL) == 0) {
                guard(call_i386, NULL);
                must_end(-SIGSYS);
        } else {
                (void)fprintf(stderr, "SKIP other_abis_kill: this kernel has no i386 calls\n");
        }
        ck_assert_int_ne(in_child(call_x32, NULL), -SIGSYS);
        guard(call_x32, NULL);
        must_end(-SIGSYS);
}
END_TEST
#else
START_TEST(other_abis_kill)
{
        (void)fprintf(stderr, "SKIP other_abis_kill: x86_64 only\n");
}
END_TEST
#endif

TEST_MAIN("confine/filter", NULL, NULL, an_exec_is_refused, an_execveat_is_asked_too, an_exec_is_continued,
          without_a_listener_nothing_runs, sockets_are_asked_for, a_descriptor_is_injected,
          a_descriptor_is_given_as_the_answer, a_signal_does_not_restart_the_call, a_dead_caller_is_noticed,
          some_calls_are_denied, a_second_listener_is_refused, no_new_privs_is_needed, other_abis_kill)
