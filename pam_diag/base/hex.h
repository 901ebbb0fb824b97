/* Bytes as lower-case hexadecimal digits.
 *
 * Linked by: supervisor, ctl, shipper.
 */
#pragma once

#include <stddef.h>

/* Writes 2 * length digits and a NUL. */
void hex_print(const void *bytes, size_t length, char *ret_text);

/* Exactly 2 * length lower-case digits at `text`; what follows is not looked at. -EINVAL. */
int hex_parse(const char *text, size_t length, void *ret_bytes);
