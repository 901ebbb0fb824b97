/* The session's seccomp filter: who may exec and open sockets is asked of the supervisor.
 *
 * Linked by: pam_diag.so.
 *
 * execve, execveat and socket are notified (seccomp_unotify(2)); io_uring (it can create sockets), userfaultfd and perf_event_open
 * get EPERM, as do new namespaces and mounts, ptrace and its like, limits and scheduling of other processes, and datagram
 * socket pairs; a call of another ABI (i386, x32) kills its process. sshd's monitor lives under this filter too: what it needs is not in it.
 */
#pragma once

/* Installs the filter for the calling process, which must be single-threaded and have no_new_privs set, and returns the
 * listener. -EBUSY: another listener is already installed above this process (a container manager's). -EINVAL: the kernel is older than
 * 5.19 (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV). */
int filter_install(int *ret_listener);
