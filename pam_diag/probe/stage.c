#include "pam_diag/probe/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/probe/calls.h"
#include "pam_diag/probe/finding.h"
#include "pam_diag/probe/try.h"

enum { LEFT_SECONDS = 60, DESCRIPTORS_MOST = 1024, GROUPS_MOST = 64 * 1024 };

static void probe_rights(void)
{
        int held = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

        finding_say(held == 1, FINDING_RIGHTS,
                    held == 1 ? "no_new_privs is set, and no capability is held"
                              : "no_new_privs is not set and should be");
}

static void probe_descriptors(void)
{
        int extra = 0;

        for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS_MOST; fd++)
                extra += fcntl(fd, F_GETFD) >= 0;
        finding_say(extra == 0, FINDING_DESCRIPTORS,
                    extra == 0 ? "a command has its three streams and no other descriptor"
                               : "a command has %d descriptors besides its three streams and should have none",
                    extra);
}

/* cgroups(7): "0::" stands before the version 2 group. */
static void probe_group(void)
{
        cleanup_free char *text = NULL;
        size_t length;
        int r = fd_read_file("/proc/self/cgroup", GROUPS_MOST, &text, &length);
        const char *own = r < 0 ? NULL : strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");

        if (r < 0)
                finding_say(false, FINDING_GROUP, "/proc/self/cgroup cannot be read: %s", finding_answer(r));
        else if (own == NULL || strstr(own, "/pam_diag/") == NULL)
                finding_say(false, FINDING_GROUP, "a command is not in a control group of its session and should be");
        else
                finding_say(true, FINDING_GROUP, "a command is in its session's own, which is ended as a whole");
}

/* --- Programs ---------------------------------------------------------------------------------------------------- */

static char shell_name[] = "sh";
static char shell_option[] = "-c";
static char shell_line[] = ":";
static char own_name[] = "diag-probe";
static char *const shell_argv[] = { shell_name, shell_option, shell_line, NULL };
/* One word too many: this program then says how it is used, and ends. */
static char *const own_argv[] = { own_name, own_name, own_name, NULL };
static char *const none[] = { NULL };

static int exec_at(const void *context)
{
        int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);

        (void)context;
        if (fd >= 0)
                (void)syscall(SYS_execveat, fd, "", own_argv, none, AT_EMPTY_PATH);
        return -errno;
}

static int exec_memory(const void *context)
{
        static const char script[] = "#!/bin/sh\n:\n";
        int fd = memfd_create("diag-probe", 0);

        (void)context;
        /* A limit on file sizes may stop the write already: the exec is tried all the same. */
        (void)signal(SIGXFSZ, SIG_IGN);
        if (fd < 0)
                return -errno;
        (void)fd_write_all(fd, script, sizeof(script) - 1);
        (void)fexecve(fd, own_argv, none);
        return -errno;
}

static void probe_exec(void)
{
        static const struct {
                const char *what;
                struct try_exec exec;
        } programs[] = {
                { "a shell", { "/bin/sh", shell_argv } },
                { "itself", { PATH_PROBE, own_argv } },
                { "diag-shell", { PATH_SHELL, own_argv } },
        };
        static const struct {
                const char *what;
                attempt_function *attempt;
        } others[] = { { "itself by descriptor", exec_at }, { "a file in memory", exec_memory } };
        const char *what = NULL;
        int wrong = -EACCES;
        int got = 0;

        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && what == NULL; i++) {
                wrong = try_exec_apart(&programs[i].exec, &got) < 0 ? -EAGAIN : got;
                what = wrong == -EACCES ? NULL : programs[i].what;
        }
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && what == NULL; i++) {
                wrong = try_apart(others[i].attempt, NULL, &got) < 0 ? -EAGAIN : got;
                what = wrong == -EACCES ? NULL : others[i].what;
        }
        if (what == NULL)
                finding_say(true, FINDING_EXEC,
                            "a command cannot start a shell, itself, diag-shell, a file in memory (EACCES)");
        else
                finding_say(false, FINDING_EXEC, "the exec of %s got \"%s\" and should get EACCES", what,
                            finding_answer(wrong));
}

/* --- Landlock ---------------------------------------------------------------------------------------------------- */

static int open_it(const char *path, int flags)
{
        int fd = open(path, flags | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return -errno;
        fd_close(fd);
        return 0;
}

static void probe_landlock(void)
{
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        struct termios terminal;
        int r;

        (void)finding_expect(open_it("/dev/ptmx", O_RDWR), EACCES, FINDING_LANDLOCK,
                             "a new terminal from /dev/ptmx, which sshd itself may have,");
        (void)finding_expect(open_it("/", O_RDONLY | O_DIRECTORY), EACCES, FINDING_LANDLOCK_READ,
                             "a look into /, which is no readable tree,");
        r = null < 0 || ioctl(null, TCGETS, &terminal) < 0 ? -errno : 0;
        (void)finding_expect(r, EACCES, FINDING_LANDLOCK_IOCTL, "a device's ioctl (TCGETS on /dev/null)");
        fd_close(null);
        r = kill(getppid(), 0) < 0 ? -errno : 0;
        (void)finding_expect(r, EPERM, FINDING_SIGNALS, "a signal to another process of the user, its diag-shell,");
}

/* --- Calls ------------------------------------------------------------------------------------------------------- */

struct tally {
        const char *layer;
        unsigned wrong;
};

static void tell_wrong(void *context, const char *name, int got, int expected)
{
        struct tally *tally = context;

        tally->wrong++;
        finding_say(false, tally->layer, "the call \"%s\" got %s and should get %s", name, finding_answer(got),
                    finding_answer(-expected));
}

static void probe_calls(enum calls_part part, const char *layer, const char *what)
{
        struct tally tally = { .layer = layer };
        unsigned made = 0;
        int r = calls_try(part, tell_wrong, &tally, &made);

        if (r < 0)
                finding_say(false, layer, "the calls cannot be tried: %s", finding_answer(r));
        else if (tally.wrong == 0)
                finding_say(true, layer, "%u of %u %s", made, made, what);
}

static void probe_abi(void)
{
#if defined(__x86_64__)
        int x32 = 0;
        int i386 = 0;
        int r = try_apart(calls_x32, NULL, &x32);

        if (r == 0)
                r = try_apart(calls_i386, NULL, &i386);
        if (r == 0 && x32 == TRY_BY_SIGNAL(SIGSYS) && i386 == TRY_BY_SIGNAL(SIGSYS))
                finding_say(true, FINDING_ABI, "calls of another ABI (x32, i386) end their process");
        else
                finding_say(false, FINDING_ABI,
                            "calls of another ABI (x32, i386) got \"%s\" and \"%s\" and should end their process",
                            finding_answer(x32), finding_answer(i386));
#else
        finding_say(true, FINDING_ABI, "no other ABI is tried on this architecture");
#endif
}

/* --- Processes --------------------------------------------------------------------------------------------------- */

int stage_orphan_socket(void)
{
        int answer = -EIO;
        int ends[2];
        int status;

        if (pipe(ends) < 0)
                return -errno;
        if (fork() == 0) {
                pid_t middle = getpid();

                if (fork() == 0) {
                        while (getppid() == middle)
                                (void)usleep(1000);
                        answer = socket(AF_UNIX, SOCK_DGRAM, 0) < 0 ? -errno : 0;
                        (void)fd_write_all(ends[1], &answer, sizeof(answer));
                }
                _exit(0);
        }
        (void)wait(&status);
        fd_close(ends[1]);
        if (read(ends[0], &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
                answer = -EIO;
        fd_close(ends[0]);
        return answer;
}

/* Leaves a process behind that has left the session, the group and the streams. It ends by itself where nothing else ends it. */
static void leave_process(void)
{
        pid_t left;

        if (fork() != 0) {
                (void)wait(NULL);
                return;
        }
        (void)setsid();
        left = fork();
        if (left == 0) {
                (void)close_range(0, ~0U, 0);
                (void)sleep(LEFT_SECONDS);
                _exit(0);
        }
        if (left > 0)
                finding_say_left(left);
        _exit(0);
}

void stage_probe(void)
{
        probe_rights();
        probe_descriptors();
        probe_group();
        probe_landlock();
        probe_exec();
        probe_calls(CALLS_OTHERS, FINDING_SECCOMP, "calls that the list denies are refused");
        probe_abi();
        probe_calls(CALLS_SOCKETS, FINDING_SOCKETS,
                    "kinds of sockets are refused to a command without a grant: no bus (so no D-Bus activation), no "
                    "engine, no network");
        (void)finding_expect(stage_orphan_socket(), EACCES, FINDING_ORPHANS,
                             "a socket for /dev/log, to a process that has left its command,");
        leave_process();
}
