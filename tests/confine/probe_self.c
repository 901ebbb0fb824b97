/* What a command is given, and what becomes of it. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int try_terminal(char **arguments)
{
        (void)arguments;
        return open("/dev/tty", O_RDWR | O_CLOEXEC) < 0 ? -errno : 0;
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

const struct attempt probe_self[] = {
        { "terminal", 0, try_terminal },
        { "flood", 0, try_flood },
        { "environment", 0, try_environment },
        { "streams", 0, try_streams },
        { "status", 1, try_status },
        { "descriptors", 0, try_descriptors },
        { NULL, 0, NULL },
};
