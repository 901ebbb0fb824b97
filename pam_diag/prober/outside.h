/* A witness that stays outside of the session and looks at it from there.
 *
 * Linked by: diag-prober.
 *
 * It is started before the session opens, so nothing of the session binds it: what it sees is what the kernel has, not what the session
 * would say of itself.
 */
#pragma once

#include <sys/types.h>

struct outside {
        int start; /* written to, it looks; closed, it ends; owned */
        pid_t pid;
};

/* The witness will look at the calling process. `patterns`: the denied places. */
int outside_start(struct outside *outside, char *const *patterns);

/* Lets it look and waits until it has said what it sees (finding.h). */
int outside_look(struct outside *outside);
