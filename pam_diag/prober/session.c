#include "pam_diag/prober/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/probe/finding.h"
#include "pam_diag/probe/try.h"

/* The kernel looks at the mount before it looks at the modes: EROFS is the mount's answer, EACCES that of another layer. */
static void probe_writing(void)
{
        static const char *const places[] = {
                "/etc", "/usr", "/var/log", "/tmp", "/var/tmp", "/run", "/srv", "/dev/shm"
        };

        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                char path[64];
                int r;

                (void)snprintf(path, sizeof(path), "%s/.diag-probe", places[i]);
                r = mkdir(path, 0700) < 0 ? -errno : 0;
                if (r == 0)
                        (void)rmdir(path);
                if (r == -EROFS || r == -ENOENT)
                        continue;
                finding_say(false, FINDING_MOUNTS, "a new directory in %s got \"%s\" and should get EROFS", places[i],
                            finding_answer(r));
                return;
        }
        finding_say(true, FINDING_MOUNTS,
                    "nothing can be made in /etc, /usr, /var, /run, /srv, /tmp, /dev/shm (EROFS)");
}

/* Any user may write to /dev/zero, and sshd's own domain lets it be read. */
static void probe_domain(void)
{
        cleanup_fd int fd = open("/dev/zero", O_WRONLY | O_CLOEXEC);

        (void)finding_expect(fd < 0 ? -errno : 0, EACCES, FINDING_LANDLOCK_SESSION,
                             "to sshd's own process, writing to /dev/zero");
}

static int make_socket(int family)
{
        cleanup_fd int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : 0;
}

/* sshd forwards by itself, it starts nothing for that: what stops it are these calls. */
static void probe_forwards(void)
{
        (void)finding_expect(make_socket(AF_UNIX), EACCES, FINDING_FORWARDS,
                             "to sshd's own process, a unix stream socket (streamlocal forwarding)");
        (void)finding_expect(make_socket(AF_INET), EACCES, FINDING_FORWARDS,
                             "to sshd's own process, an internet socket (forwarding of ports)");
}

static void probe_exec(void)
{
        char name[] = "sh";
        char option[] = "-c";
        char line[] = ":";
        char *const argv[] = { name, option, line, NULL };
        const struct try_exec shell = { "/bin/sh", argv };
        int got = 0;
        int r = try_exec_apart(&shell, &got);

        (void)finding_expect(r < 0 ? r : got, EACCES, FINDING_EXEC_SESSION,
                             "to sshd's own process, the start of a shell (rc files, xauth)");
}

static void probe_ipc(const struct bait *bait)
{
        struct shmid_ds status;
        int r = shmctl(bait->segment, IPC_STAT, &status) < 0 ? -errno : 0;

        (void)finding_expect(r, EINVAL, FINDING_IPC, "a SysV segment of a process outside");
}

static void probe_terminals(const struct bait *bait)
{
        struct stat status;
        int r = stat(bait->terminal_name, &status) < 0 ? -errno : 0;

        (void)finding_expect(r, ENOENT, FINDING_TERMINALS, "a look at a terminal outside");
}

void session_probe(const struct bait *bait)
{
        probe_writing();
        probe_domain();
        probe_forwards();
        probe_exec();
        probe_ipc(bait);
        probe_terminals(bait);
}
