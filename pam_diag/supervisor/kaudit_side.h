/* The process that talks to the kernel's audit, and what the supervisor and it say to each other.
 *
 * Linked by: diag-supervisor.
 */
#pragma once

#include <stdint.h>

enum kaudit_operation { KAUDIT_BEGIN = 1, KAUDIT_BEGIN_REQUIRED, KAUDIT_SEND };
enum { KAUDIT_ADDRESS_SIZE = 48, KAUDIT_TEXT_MOST = 7168 };

/* One packet, whole. `text` ends with a NUL, and the packet with it. */
struct kaudit_request {
        uint32_t id;
        uint8_t operation;
        uint8_t is_exit;
        uint8_t success;
        char address[KAUDIT_ADDRESS_SIZE]; /* "?": none */
        char text[KAUDIT_TEXT_MOST];
};

struct kaudit_answer {
        uint32_t id;
        int32_t result; /* 0 or -errno */
};

/* Serves the socket until it ends. `audit` is libaudit's, opened by root. */
__attribute__((noreturn)) void kaudit_serve(int socket, int audit);
