/* confine/reader_filter.c */
#include "tests/unit/t_help.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "pam_diag/confine/reader_filter.h"

static int pipe_ends[2] = { -1, -1 };

static void pipe_make(void)
{
        ck_assert_int_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
}

static void pipe_close(void)
{
        pipe_ends[0] = fd_close(pipe_ends[0]);
        pipe_ends[1] = fd_close(pipe_ends[1]);
}

/* As _exit(2), which a sanitizer's own one is not: that makes other calls. */
static void leave(int status)
{
        (void)syscall(SYS_exit_group, status);
}

/* All that the reader lives by. */
static int use_the_allowed(void *context)
{
        char from[] = "memory";
        char to[sizeof(from)] = "";
        char link[64];
        struct iovec there = { .iov_base = from, .iov_len = sizeof(from) };
        struct iovec here = { .iov_base = to, .iov_len = sizeof(to) };
        pid_t self = getpid();
        char got = 0;

        (void)context;
        no_new_privs();
        ck_assert_int_eq(reader_filter_install(), 0);
        if (write(pipe_ends[1], "x", 1) != 1 || read(pipe_ends[0], &got, 1) != 1 || got != 'x')
                leave(1);
        if (process_vm_readv(self, &here, 1, &there, 1, 0) != (ssize_t)sizeof(from) || strcmp(to, from) != 0)
                leave(2);
        if (readlink("/proc/self/exe", link, sizeof(link)) <= 0 || readlinkat(AT_FDCWD, "/proc/self", link, 64) <= 0)
                leave(3);
        leave(0);
        return 4;
}

START_TEST(the_readers_calls_work)
{
        ck_assert_int_eq(in_child(use_the_allowed, NULL), 0);
}
END_TEST

struct call {
        const char *name;
        long number;
};

static int use_one(void *context)
{
        const struct call *call = context;

        no_new_privs();
        ck_assert_int_eq(reader_filter_install(), 0);
        (void)syscall(call->number, -1, 0, 0, 0, 0, 0);
        leave(0);
        return 1;
}

START_TEST(every_other_call_kills)
{
        static struct call calls[] = {
                { "getpid", SYS_getpid },
                { "openat", SYS_openat },
                { "close", SYS_close },
                { "socket", SYS_socket },
                { "connect", SYS_connect },
                { "execve", SYS_execve },
                { "clone", SYS_clone },
                { "ptrace", SYS_ptrace },
                { "process_vm_writev", SYS_process_vm_writev },
                { "kill", SYS_kill },
                { "mmap", SYS_mmap },
                { "mprotect", SYS_mprotect },
                { "prctl", SYS_prctl },
                { "setuid", SYS_setuid },
                { "pread64", SYS_pread64 },
                { "writev", SYS_writev },
                { "pidfd_getfd", SYS_pidfd_getfd },
                { "a number that does not exist yet", 100000 },
        };

        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                ck_assert_msg(in_child(use_one, &calls[i]) == -SIGSYS, "%s", calls[i].name);
}
END_TEST

TEST_MAIN("confine/reader_filter", pipe_make, pipe_close, the_readers_calls_work, every_other_call_kills)
