/* The hash chain over the records.
 *
 * Linked by: diag-supervisor, diag-ship, diagctl.
 */
#pragma once

#include <stddef.h>

enum { CHAIN_HASH_SIZE = 32 };

/* ret_hash = SHA3-256(before || rec); `before` is NULL for the first row, which stands for 32 zero bytes. `before` and
 * `ret_hash` may be the same. 0, or -EIO when libcrypto fails (FIPS 202; EVP_DigestInit(3)). */
int chain_next(const unsigned char *before, const void *rec, size_t length, unsigned char ret_hash[CHAIN_HASH_SIZE]);
