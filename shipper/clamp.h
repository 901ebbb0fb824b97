/* Times for sinks that take the rows of a stream in order only.
 *
 * Linked by: diag-ship.
 *
 * A row's time is raised to that of the row before it in its stream, and to the floor below which the sink takes nothing. What was
 * sent last is known for each stream, so the same row gets the same time again; it is stored with the cursor. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

enum { CLAMP_STREAMS_MOST = 16 };

struct clamp {
        int64_t floor_ns; /* 0: none */
        struct {
                uint64_t stream;
                int64_t time_ns;
        } last[CLAMP_STREAMS_MOST]; /* the least recently used first */
        size_t count;
};

/* A stream by its name. */
uint64_t clamp_stream(const char *name, size_t length);

/* The time for the next row of the stream, and remembers it. */
int64_t clamp_raise(struct clamp *clamp, uint64_t stream, int64_t time_ns);
/* The time that the stream stands at, 0 for none. */
int64_t clamp_now(const struct clamp *clamp, uint64_t stream);

/* One line of text, and back: -EBADMSG. An empty line is an empty clamp. */
void clamp_print(const struct clamp *clamp, struct buf *buf);
int clamp_parse(const char *text, struct clamp *ret_clamp);
