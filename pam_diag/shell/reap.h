/* Everything that a command has started, ended and waited for.
 *
 * Linked by: diag-shell.
 *
 * This process is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): whatever its descendants leave behind becomes its child.
 */
#pragma once

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct reaped {
        bool done;
        int status; /* as wait4(2) gives it */
        struct rusage usage;
};

int reap_prepare(void);

/* Takes every child that has ended; that of `main_pid` comes back in *main_process. True while children are left. */
bool reap_collect(pid_t main_pid, struct reaped *main_process);

/* SIGKILL to every child of this process, at least to the main one and its group when the list of children cannot be read. Their own children turn up as ours afterwards: call it again until none is left. */
void reap_kill_children(pid_t main_pid);
