/* What a probe has found, one line each.
 *
 * Linked by: diag-probe, diag-prober (they write), diagctl (it reads).
 *
 *     ok TAB LAYER TAB TEXT        it holds
 *     FAIL TAB LAYER TAB TEXT      it does not: what was done, and what should have happened
 *     left TAB PID TAB             this process must be gone when the session is
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The layers, in the order of probing. Those of confine/layers.h have the names that a policy's accept-missing knows. */
#define FINDING_SESSION "session"
#define FINDING_MOUNTS "mounts"
#define FINDING_MASKS "masks"
#define FINDING_LANDLOCK_SESSION "landlock-session"
#define FINDING_FORWARDS "forwards"
#define FINDING_EXEC_SESSION "exec-session"
#define FINDING_IPC "ipc"
#define FINDING_TERMINALS "terminals"
#define FINDING_RIGHTS "rights"
#define FINDING_DESCRIPTORS "descriptors"
#define FINDING_GROUP "group"
#define FINDING_EXEC "exec"
#define FINDING_LANDLOCK "landlock"
#define FINDING_LANDLOCK_READ "landlock-read"
#define FINDING_LANDLOCK_IOCTL "landlock-ioctl"
#define FINDING_SECCOMP "seccomp"
#define FINDING_ABI "abi"
#define FINDING_SOCKETS "sockets"
#define FINDING_ORPHANS "orphans"
#define FINDING_SIGNALS "signals"
#define FINDING_ABSTRACT "abstract"
#define FINDING_LANDLOCK_NET "landlock-net"
#define FINDING_LOOPBACK "loopback"
#define FINDING_CLOSE "close"
#define FINDING_LEFT "left"

enum finding_kind { FINDING_OK, FINDING_FAIL, FINDING_PID };

struct finding {
        enum finding_kind kind;
        const char *layer;
        const char *text;
        int pid;
};

/* On standard output, in one write: the lines of several processes stay whole. */
void finding_say(bool holds, const char *layer, const char *format, ...) __attribute__((format(printf, 3, 4)));
void finding_say_left(int pid);

/* What an attempt got, 0 or -errno, against the errno that it must get. Returns whether they are the same. */
bool finding_expect(int got, int expected, const char *layer, const char *what);

/* "done" for 0, else the name of that errno. */
const char *finding_answer(int got);

/* Pure: takes one line (without its newline) apart in place. -EBADMSG when it is none of the above. */
int finding_parse(char *line, struct finding *ret_finding);
