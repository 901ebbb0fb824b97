/* Sizes as an operator writes and reads them.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdint.h>

/* "4096", "512K", "16M", "2G", "1T": powers of 1024. -EINVAL, -ERANGE. */
int bytes_parse(const char *text, uint64_t *ret_bytes);

enum { BYTES_TEXT_SIZE = 32 };
/* "1.5 GiB". */
void bytes_print(uint64_t bytes, char ret_text[BYTES_TEXT_SIZE]);
