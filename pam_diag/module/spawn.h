/* Starting the supervisor from inside sshd.
 *
 * Linked by: pam_diag.so.
 */
#pragma once

/* Starts `path` as a process that is no child of sshd (so that it leaves no zombie and meets no wait(2) of sshd's), with the
 * control socket (CONTROL_FD) as its only descriptor besides /dev/null and an empty environment. `socket` stays the caller's. */
int spawn_supervisor(const char *path, int socket);
