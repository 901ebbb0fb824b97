/* What the reader process itself runs.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include <stdint.h>

enum reader_operation { READER_MEMORY = 1, READER_EXE };

enum { READER_PIECE = 4096 };

struct reader_request {
        uint32_t operation;
        int32_t pid;
        uint64_t address;
        uint32_t length; /* at most READER_PIECE */
};

/* Serves requests from descriptor 0 on descriptor 1 until 0 ends: an int32 (count of bytes, or -errno), then the bytes. */
__attribute__((noreturn)) void reader_serve(void);
