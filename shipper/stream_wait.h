/* Waiting for a descriptor, and connecting, in bounded time.
 *
 * Linked by: diag-ship (shipper/stream*.c).
 */
#pragma once

#include <stdint.h>

#include "shipper/stream.h"

/* Until poll(2) reports one of `events`, an error or a hang-up. -ETIMEDOUT at `until` (clock_monotonic_ms). */
int stream_wait(int fd, short events, int64_t until);

/* A connected socket, close-on-exec and non-blocking. */
int stream_connect(const struct stream_to *to, int64_t until, int *ret_fd, struct stream_why *ret_why);

/* Fills in *ret_why and returns -error. */
__attribute__((format(printf, 3, 4))) int stream_fail(struct stream_why *ret_why, int error, const char *format, ...);
