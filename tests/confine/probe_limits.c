/* What a command may use up. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Mebibytes of memory at once. */
static int try_memory(char **arguments)
{
        size_t size = (size_t)port_of(arguments[0]) << 20;
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        return memory == MAP_FAILED ? -errno : 0;
}

/* Burns processor time until somebody ends it. */
static int try_spin(char **arguments)
{
        (void)arguments;
        (void)signal(SIGXCPU, SIG_IGN);
        for (volatile unsigned long i = 0;; i++)
                ;
        return 0;
}

/* As many processes at once as the number says; tells how many there could be. */
static int try_forks(char **arguments)
{
        unsigned most = port_of(arguments[0]);
        unsigned made = 0;
        int error = 0;

        while (made < most && error == 0) {
                pid_t pid = fork();

                if (pid == 0) {
                        (void)pause();
                        _exit(0);
                }
                error = pid < 0 ? -errno : 0;
                made += pid > 0;
        }
        (void)signal(SIGTERM, SIG_IGN);
        (void)kill(0, SIGTERM);
        while (wait(NULL) > 0)
                ;
        (void)printf("made %u\n", made);
        return error;
}

/* The other end sees the pipe closed when this process has been killed. */
static _Noreturn void eat_and_stay(size_t size, int ready)
{
        char *memory = malloc(size);

        if (memory == NULL)
                _exit(1);
        memset(memory, 'x', size);
        if (write(ready, memory, 1) != 1)
                _exit(1);
        (void)pause();
        _exit(memory[0] == 'y');
}

/* Three processes that touch so many mebibytes each and stay until all have; tells how many have lived so long. */
static int try_eat(char **arguments)
{
        enum { EATERS = 3 };
        int whole = EATERS;
        int pipes[EATERS][2];
        char byte;

        for (int i = 0; i < EATERS; i++) {
                if (pipe(pipes[i]) < 0)
                        return -errno;
                if (fork() == 0)
                        eat_and_stay((size_t)port_of(arguments[0]) << 20, pipes[i][1]);
                (void)close(pipes[i][1]);
        }
        for (int i = 0; i < EATERS; i++)
                (void)!read(pipes[i][0], &byte, 1);
        while (waitpid(-1, NULL, WNOHANG) > 0)
                whole--;
        (void)printf("whole %d\n", whole);
        (void)fflush(stdout);
        (void)signal(SIGTERM, SIG_IGN);
        (void)kill(0, SIGTERM);
        while (wait(NULL) > 0)
                ;
        return 0;
}

static int try_nice(char **arguments)
{
        long class = syscall(SYS_ioprio_get, 1, 0);

        (void)arguments;
        (void)printf("nice %d, io class %ld, place %ld\n", getpriority(PRIO_PROCESS, 0), class >> 13, class & 0x1fff);
        return setpriority(PRIO_PROCESS, 0, 0) < 0 ? -errno : 0;
}

/* Whether a limit can be raised again. */
static int try_raise(char **arguments)
{
        struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

        (void)arguments;
        return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

const struct attempt probe_limits[] = {
        { "memory", 1, try_memory }, { "spin", 0, try_spin },   { "forks", 1, try_forks }, { "eat", 1, try_eat },
        { "nice", 0, try_nice },     { "raise", 0, try_raise }, { NULL, 0, NULL },
};
