/* Lines that end with a NUL byte, from a descriptor: `find -print0`, `printf '%s\\0'`.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stddef.h>

struct lines {
        /* Each line without its NUL; what stands behind the last NUL is a line too, unless it is empty. Of a line longer than `most` bytes
         * the first most + 1 are given. Non-zero ends the reading and is returned. */
        int (*line)(void *context, const char *line, size_t length);
        /* Before the reader may have to wait: everything that came so far has been given out. Non-zero as above. */
        int (*wait)(void *context);
        void *context;
        size_t most;
};

/* 0 at the end of the input; -errno when it cannot be read, -ENOMEM. Memory is bound by `most`, whatever comes. */
int lines_read(int fd, const struct lines *lines);
