/* What holds for a command: its own domain, its list of calls, the supervisor's answers.
 *
 * Linked by: diag-probe. Each layer is one line on standard output (finding.h).
 */
#pragma once

/* A command without any grant. */
void stage_probe(void);

/* A command that may make unix and internet sockets. `name`: an abstract unix socket that somebody outside of the session listens on. */
void granted_probe(const char *name);

/* A unix datagram socket, in a process that has left its stage: orphaned, it is nobody's but diag-shell's. 0 or -errno. */
int stage_orphan_socket(void);
