/* Who makes a notified call.
 *
 * Linked by: diag-supervisor.
 *
 * Source: proc(5), /proc/PID/status, which every user may read (but with hidepid=, which then refuses all). The caller waits in
 * the kernel while it is looked at; listener_is_valid says afterwards whether it was it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct caller {
        pid_t pid; /* of the process, not the thread */
        pid_t parent;
        uid_t uids[4]; /* real, effective, saved, filesystem */
        unsigned threads;
};

/* Pure: the text of /proc/PID/status. -EBADMSG unless Tgid, PPid, Uid and Threads are there and whole. */
int caller_parse(const char *status, struct caller *ret_caller);

int caller_load(pid_t pid, struct caller *ret_caller);

/* All four ids are `uid`. */
bool caller_is_uid(const struct caller *caller, uid_t uid);

/* Follows parents from `caller` (itself counted) up to a process for which `is` holds; 0 when there is none within 64 steps. */
pid_t caller_ancestor(const struct caller *caller, bool (*is)(void *context, pid_t pid), void *context);
