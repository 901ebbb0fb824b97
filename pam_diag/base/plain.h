/* Text that needs no escapes in JSON, and is harmless on a terminal: printable ASCII without quotation marks and backslashes.
 *
 * Linked by: diag-ship, diagctl.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* How many of the first bytes are such. Nearly every text is so as a whole, and there are millions: eight bytes are looked at at once. */
size_t plain_length(const char *text, size_t length);

static inline bool plain_is(const char *text, size_t length)
{
        return plain_length(text, length) == length;
}
