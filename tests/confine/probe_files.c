/* Files and programs. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

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

const struct attempt probe_files[] = {
        { "read", 1, try_read },
        { "write", 1, try_write },
        { "mkdir", 1, try_make_directory },
        { "exec", 1, try_exec },
        { "exec-at", 1, try_exec_at },
        { "exec-memory", 0, try_exec_memory },
        { "exec-forged", 0, try_exec_forged },
        { "exec-many", 1, try_exec_many },
        { NULL, 0, NULL },
};
