/* One stream from the command to the client: bytes pass unchanged and are counted.
 *
 * Linked by: diag-shell.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RELAY_SIZE = 64 * 1024 };

struct relay {
        int from; /* owned; -1 once it has ended */
        int to; /* not owned */
        uint64_t bytes;
        size_t at;
        size_t left;
        bool broken; /* nobody reads `to` any more */
        char data[RELAY_SIZE];
};

/* What to wait for: slot 0 the source, slot 1 the sink. */
void relay_wait(const struct relay *relay, struct pollfd slots[2]);

/* Moves what can be moved without waiting; `most` bounds the bytes that are read now. */
void relay_move(struct relay *relay, const struct pollfd slots[2], uint64_t most);

/* True when the source has ended and nothing is left to write, or when the sink is broken. */
bool relay_is_done(const struct relay *relay);

/* Makes a descriptor non-blocking, for `to`: a client that does not read must not keep limits from being enforced. */
int relay_unblock(int fd);
