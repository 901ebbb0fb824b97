/* Flat bytes for what crosses a process boundary.
 *
 * Linked by: pam_diag.so, diag-supervisor, diag-shell.
 *
 * Numbers are in host order (both ends are on one machine), texts and byte strings have a 32-bit length in front. A reader
 * never looks past its bytes: the first thing that does not fit marks it failed, and everything read after that is
 * zero or NULL. So an unpacker reads all of its fields and asks unpack_done once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

void pack_u32(struct buf *buf, uint32_t value);
void pack_u64(struct buf *buf, uint64_t value);
void pack_bytes(struct buf *buf, const void *data, size_t length);
void pack_text(struct buf *buf, const char *text); /* NULL is kept apart from "" */
void pack_strv(struct buf *buf, char *const *strings);

struct unpack {
        const char *at;
        size_t left;
        bool failed;
};

#define UNPACK_INIT(data, size) ((struct unpack){ .at = (data), .left = (size) })

uint32_t unpack_u32(struct unpack *unpack);
uint64_t unpack_u64(struct unpack *unpack);
/* malloc'ed and NUL-terminated after *ret_length bytes; NULL on failure. */
char *unpack_bytes(struct unpack *unpack, size_t *ret_length);
/* malloc'ed; a NUL inside is a failure. NULL on failure and for a text that was NULL. */
char *unpack_text(struct unpack *unpack);
/* malloc'ed array that ends with NULL, of at most `most` texts, none of them NULL; NULL on failure. */
char **unpack_strv(struct unpack *unpack, size_t most);

/* True when everything fitted and nothing is left over. */
bool unpack_done(const struct unpack *unpack);
