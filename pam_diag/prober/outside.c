#include "pam_diag/prober/outside.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/probe/finding.h"
#include "pam_diag/prober/tree.h"

enum { TABLE_MOST = 16 * 1024 * 1024 };

static void look_at_mounts(pid_t session)
{
        char path[64];
        cleanup_free char *text = NULL;
        cleanup_tree struct tree tree = { 0 };
        size_t length;
        int r;

        (void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", session);
        r = fd_read_file(path, TABLE_MOST, &text, &length);
        if (r == 0)
                r = tree_check(text, &tree);
        if (r < 0)
                finding_say(false, FINDING_MOUNTS, "%s cannot be read: %s", path, strerror(-r));
        else if (tree.place != NULL)
                finding_say(false, FINDING_MOUNTS, "%s is %s and should be read-only, nosuid and private", tree.place,
                            tree.fault);
        else
                finding_say(true, FINDING_MOUNTS,
                            "all %zu mounts are read-only (but terminals and login records), nosuid and private",
                            tree.mounts);
}

struct masks {
        pid_t session;
        size_t hidden;
        char *seen; /* the first denied place that the session sees; malloc */
        int error;
};

/* The same file inside and outside: it is not hidden. What cannot be found inside is. The place is resolved out here, because links
 * lead away from /proc/PID/root. */
static int look_at_place(struct masks *masks, const char *place)
{
        cleanup_free char *real = realpath(place, NULL);
        char inside[PATH_MAX + 64];
        struct stat outer;
        struct stat inner;

        if (real == NULL || lstat(real, &outer) < 0)
                return 0;
        (void)snprintf(inside, sizeof(inside), "/proc/%d/root%s", masks->session, real);
        if (lstat(inside, &inner) == 0 && inner.st_dev == outer.st_dev && inner.st_ino == outer.st_ino) {
                if (masks->seen == NULL)
                        masks->seen = take_ptr(&real);
                return 0;
        }
        masks->hidden++;
        return 0;
}

static int look_at_pattern(struct masks *masks, const char *pattern)
{
        cleanup_strv char **found = NULL;
        int r = wild_matches(pattern, &found);

        for (size_t i = 0; r == 0 && found != NULL && found[i] != NULL; i++)
                r = look_at_place(masks, found[i]);
        return r;
}

/* Entries of /proc are denied by Landlock and by their kernel's own rules: there is nothing to cover. */
static void look_at_masks(pid_t session, char *const *patterns)
{
        struct masks masks = { .session = session };
        int r = 0;

        for (size_t i = 0; r == 0 && patterns[i] != NULL; i++)
                if (strncmp(patterns[i], "/proc/", 6) != 0)
                        r = look_at_pattern(&masks, patterns[i]);
        if (r < 0)
                finding_say(false, FINDING_MASKS, "the denied places cannot be looked at: %s", strerror(-r));
        else if (masks.seen != NULL)
                finding_say(false, FINDING_MASKS, "%s is the host's own and should be hidden", masks.seen);
        else
                finding_say(true, FINDING_MASKS, "all %zu denied places of this host are hidden", masks.hidden);
        free(masks.seen);
}

static _Noreturn void witness(int start, pid_t session, char *const *patterns)
{
        char byte;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (read(start, &byte, 1) == 1) {
                look_at_mounts(session);
                look_at_masks(session, patterns);
        }
        _exit(0);
}

int outside_start(struct outside *outside, char *const *patterns)
{
        cleanup_fd int start_read = -1;
        cleanup_fd int start_write = -1;
        pid_t session = getpid();
        int r = fd_pipe(&start_read, &start_write);

        if (r < 0)
                return r;
        outside->pid = fork();
        if (outside->pid < 0)
                return -errno;
        if (outside->pid == 0) {
                fd_close(start_write);
                witness(start_read, session, patterns);
        }
        outside->start = take_fd(&start_write);
        return 0;
}

int outside_look(struct outside *outside)
{
        int r = fd_write_all(outside->start, "", 1);

        outside->start = fd_close(outside->start);
        while (waitpid(outside->pid, NULL, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return r;
}
