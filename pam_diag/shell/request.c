#include "pam_diag/shell/request.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"

enum { LINE_MOST = 128 * 1024, PORT_DIGITS = 5 };

/* ForceCommand puts this program itself behind -c; the client's line is then in SSH_ORIGINAL_COMMAND (sshd_config(5)), and no line at all
 * stands for a login. In every other case that variable is the client's invention and is not looked at. */
static const char *line_of(const char *command)
{
        char self[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        const char *original;

        if (n < 0)
                return command;
        self[n] = '\0';
        if (strcmp(command, self) != 0)
                return command;
        original = getenv("SSH_ORIGINAL_COMMAND");
        return original == NULL ? "" : original;
}

/* SSH_CONNECTION: "client-address client-port server-address server-port" (ssh(1)); sshd sets it after all else. */
static uint32_t client_port(void)
{
        const char *connection = getenv("SSH_CONNECTION");
        const char *blank = connection == NULL ? NULL : strchr(connection, ' ');
        char digits[PORT_DIGITS + 1];
        uint64_t port;
        size_t n;

        if (blank == NULL)
                return 0;
        n = strcspn(blank + 1, " ");
        if (n == 0 || n > PORT_DIGITS)
                return 0;
        memcpy(digits, blank + 1, n);
        digits[n] = '\0';
        return num_parse_u64(digits, 1, UINT16_MAX, &port) < 0 ? 0 : (uint32_t)port;
}

int request_read(int argc, char **argv, struct channel_run *ret_run)
{
        struct channel_run run = { 0 };
        struct winsize size;
        const char *line = "";

        if (argc != 1 && (argc != 3 || strcmp(argv[1], "-c") != 0))
                return -EINVAL;
        if (argc == 3)
                line = line_of(argv[2]);
        run.line_length = strlen(line);
        if (run.line_length > LINE_MOST)
                return -E2BIG;
        run.tty = isatty(STDOUT_FILENO) != 0;
        if (run.tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
                run.columns = size.ws_col;
        run.client_port = client_port();
        run.line = strdup(line);
        if (run.line == NULL)
                return -ENOMEM;
        *ret_run = run;
        return 0;
}
