/* The seccomp list of the supervisor's process that talks to the kernel's audit.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

/* From here on the calling process can use the sockets that it has, wait, give up capabilities (capset can do nothing else under an empty
 * bounding set), read links, which libaudit does with /proc/self/exe, and exit; any other call kills it.
 * no_new_privs must be set. */
int kaudit_filter_install(void);
