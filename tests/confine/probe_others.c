/* Other processes: looking into them, steering them, ending them. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

/* Each returns 0 or -errno. The signal is one that is ignored, so that a target that is hit goes on. */

static int attach(pid_t pid)
{
        return ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0 ? -errno : 0;
}

static int seize(pid_t pid)
{
        return ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 ? -errno : 0;
}

static int transfer(pid_t pid, long number)
{
        char byte = 0;
        struct iovec own = { &byte, 1 };
        struct iovec other = { &byte, 1 };

        return syscall(number, pid, &own, 1, &other, 1, 0) < 0 ? -errno : 0;
}

static int read_memory(pid_t pid)
{
        return transfer(pid, SYS_process_vm_readv);
}

static int write_memory(pid_t pid)
{
        return transfer(pid, SYS_process_vm_writev);
}

static int open_file(pid_t pid, const char *name, int flags)
{
        char path[64];
        int fd;
        char byte;
        int r;

        (void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
        fd = open(path, flags | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        /* The right to look is asked for at the open of some files and at the read of others. */
        r = strcmp(name, "mem") != 0 && read(fd, &byte, 1) < 0 ? -errno : 0;
        fd_close(fd);
        return r;
}

static int open_memory(pid_t pid)
{
        return open_file(pid, "mem", O_RDONLY);
}

static int open_memory_to_write(pid_t pid)
{
        return open_file(pid, "mem", O_RDWR);
}

static int open_environment(pid_t pid)
{
        return open_file(pid, "environ", O_RDONLY);
}

static int open_maps(pid_t pid)
{
        return open_file(pid, "maps", O_RDONLY);
}

static int open_root(pid_t pid)
{
        return open_file(pid, "root/etc/hostname", O_RDONLY);
}

static int signal_it(pid_t pid)
{
        return kill(pid, SIGURG) < 0 ? -errno : 0;
}

static int signal_by_pidfd(pid_t pid)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        int r = fd < 0 || syscall(SYS_pidfd_send_signal, fd, SIGURG, NULL, 0) < 0 ? -errno : 0;

        fd_close(fd);
        return r;
}

static int signal_by_queue(pid_t pid)
{
        return sigqueue(pid, SIGURG, (union sigval){ .sival_int = 0 }) < 0 ? -errno : 0;
}

static int limit(pid_t pid)
{
        struct rlimit none = { 0, 0 };

        return prlimit(pid, RLIMIT_NOFILE, &none, NULL) < 0 ? -errno : 0;
}

static const struct {
        const char *name;
        int (*attempt)(pid_t pid);
} attempts[] = {
        { "attach", attach },
        { "seize", seize },
        { "process_vm_readv", read_memory },
        { "process_vm_writev", write_memory },
        { "mem", open_memory },
        { "mem to write", open_memory_to_write },
        { "environ", open_environment },
        { "maps", open_maps },
        { "root", open_root },
        { "kill", signal_it },
        { "pidfd_send_signal", signal_by_pidfd },
        { "sigqueue", signal_by_queue },
        { "prlimit", limit },
};

static int try_all(pid_t pid)
{
        const size_t count = sizeof(attempts) / sizeof(attempts[0]);
        int wrong = 0;

        for (size_t i = 0; i < count; i++) {
                int r = attempts[i].attempt(pid);

                if (r == -EPERM || r == -EACCES || r == -EROFS)
                        continue;
                (void)printf("%s: %s\n", attempts[i].name, r == 0 ? "ok" : strerrorname_np(-r));
                wrong++;
        }
        (void)printf("%zu tried, %d not refused\n", count, wrong);
        return 0;
}

static int try_other(char **arguments)
{
        return try_all(port_of(arguments[0]));
}

static int try_parent(char **arguments)
{
        (void)arguments;
        return try_all(getppid());
}

const struct attempt probe_others[] = {
        { "other", 1, try_other },
        { "other-parent", 0, try_parent },
        { NULL, 0, NULL },
};
