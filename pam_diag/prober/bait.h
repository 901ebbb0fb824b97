/* What lies outside of the session and must not be reached from inside: made before it opens, gone with this process.
 *
 * Linked by: diag-prober.
 */
#pragma once

struct bait {
        int terminal; /* the master of a terminal of the host; owned */
        char terminal_name[64]; /* /dev/pts/N */
        int segment; /* a SysV segment that everybody may use, already marked for removal */
        int listener; /* on an abstract unix socket; owned */
        char socket_name[32]; /* without its NUL byte; the kernel has chosen it */
};

#define BAIT_INIT ((struct bait){ .terminal = -1, .segment = -1, .listener = -1 })

/* -errno, with what could not be made in *ret_where. */
int bait_make(struct bait *bait, const char **ret_where);
