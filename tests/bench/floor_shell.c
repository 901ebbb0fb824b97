/* The floor: a login shell that does what durable records of a command cannot do without, and nothing else. One append with fdatasync before
 * the command and one after it, one fork, one exec. No policy, no confinement, no chain.
 *
 * FLOOR_FILE is named when it is built. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD = 600 /* bytes, about those of an exec record with its hash */ };

static int put(int fd)
{
        char record[RECORD];

        memset(record, 'r', sizeof(record));
        record[RECORD - 1] = '\n';
        if (write(fd, record, sizeof(record)) != (ssize_t)sizeof(record))
                return -1;
        return fdatasync(fd);
}

int main(int argc, char **argv)
{
        int fd = open(FLOOR_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);
        int status = 0;
        pid_t pid;

        if (argc != 3 || strcmp(argv[1], "-c") != 0 || fd < 0 || put(fd) < 0)
                return 125;
        pid = fork();
        if (pid == 0) {
                char *command[] = { argv[2], NULL };

                (void)execv(command[0], command);
                _exit(127);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0 || put(fd) < 0)
                return 125;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
