/* One attempt in a process of its own.
 *
 * Linked by: diag-probe, diag-prober.
 */
#pragma once

#include <sys/types.h>

/* What try_apart gives for an attempt that a signal has ended. No errno has that number. */
enum { TRY_KILLED = -4096 };
#define TRY_BY_SIGNAL(signal) (TRY_KILLED - (signal))

typedef int attempt_function(const void *context); /* 0 or -errno */

/* Runs it in a child. 0 and its answer in *ret_got, or -errno when there is no child to be had. */
int try_apart(attempt_function *attempt, const void *context, int *ret_got);

/* -EPERM for uid 0 and for a process with any capability: what holds for a diag user may not hold for it. */
int try_harmless(void);

/* Executes `program` with these arguments in a child: 0 when it was started, whatever came of it, else -errno of execve(2). */
struct try_exec {
        const char *program;
        char *const *argv;
};
int try_exec_apart(const struct try_exec *exec, int *ret_got);
