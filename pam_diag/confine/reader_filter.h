/* The seccomp list of the supervisor's reader process.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

/* From here on the calling process can read and write its descriptors, read other processes' memory (process_vm_readv), read links, and
 * exit; any other call kills it. no_new_privs must be set. */
int reader_filter_install(void);
