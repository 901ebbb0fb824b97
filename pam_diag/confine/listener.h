/* The supervisor's end of the session's filter: notifications of exec and socket calls.
 *
 * Linked by: diag-supervisor.
 *
 * Source: seccomp_unotify(2). A listener's hang-up (POLLHUP) means that no task is left under the filter.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum listener_call { LISTENER_EXECVE, LISTENER_EXECVEAT, LISTENER_SOCKET, LISTENER_OTHER };

struct notification {
        uint64_t id;
        pid_t pid; /* thread id of the caller, as this process sees it */
        enum listener_call call;
        uint64_t arguments[6];
};

/* Takes one notification. -EAGAIN when the caller went away in between. */
int listener_receive(int listener, struct notification *ret_notification);

/* False once the caller has died: what was read from "its" memory or /proc may then be somebody else's. */
bool listener_is_valid(int listener, uint64_t id);

/* Lets the call happen as it stands in the caller's registers and memory at that moment. Only for calls whose arguments nobody can change
 * meanwhile. */
int listener_continue(int listener, uint64_t id);

/* Makes the call fail with that errno (positive). */
int listener_refuse(int listener, uint64_t id, int error);

/* Puts a copy of `fd` into the caller at number `at`, kept over exec. */
int listener_inject(int listener, uint64_t id, int fd, int at);

/* Answers the call with a copy of `fd`, as the lowest free number; nothing of the call itself happens. */
int listener_give(int listener, uint64_t id, int fd, bool close_on_exec);
