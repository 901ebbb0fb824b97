/* Everything that a command has started, ended and waited for.
 *
 * Linked by: diag-shell.
 *
 * This process is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): whatever its descendants leave behind becomes its child.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* A stage's own process. */
struct reaped {
        pid_t pid;
        bool done;
        int status; /* as wait4(2) gives it */
        struct rusage usage;
};

int reap_prepare(void);

/* Takes every child that has ended; those of `stages` are marked. True while children are left. */
bool reap_collect(struct reaped *stages, size_t count);

/* SIGKILL to every child of this process, at least to the stages and their groups when the list of children cannot be read. Their own children
 * turn up as ours afterwards: call it again until none is left. */
void reap_kill_children(const struct reaped *stages, size_t count);
