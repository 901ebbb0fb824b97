/* Other processes, and what is shared with them. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Takes another process' descriptors away: diag-shell could then end nothing any more. */
static int try_limit(char **arguments)
{
        struct rlimit none = { 0, 0 };

        (void)arguments;
        return prlimit(getppid(), RLIMIT_NOFILE, &none, NULL) < 0 ? -errno : 0;
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

/* Leaves such a process behind and stays. */
static int try_nest(char **arguments)
{
        (void)try_daemon(arguments);
        return try_wait(arguments);
}

const struct attempt probe_process[] = {
        { "shm", 0, try_shared_memory },   { "sysv", 1, try_sysv },
        { "sysv-make", 1, try_sysv_make }, { "signal", 1, try_signal },
        { "crash", 0, try_crash },         { "wait", 0, try_wait },
        { "nest", 0, try_nest },           { "daemon", 0, try_daemon },
        { "holder", 0, try_holder },       { "limit", 0, try_limit },
        { "namespace", 0, try_namespace }, { "clone", 0, try_clone },
        { "trace", 0, try_trace },         { NULL, 0, NULL },
};
