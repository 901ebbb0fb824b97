/* Reads JSON that a stranger wrote, from front to back, without memory of its own.
 *
 * Linked by: diag-ship.
 *
 * Pure (I8). The first thing that is not as RFC 8259 has it, or nested deeper than JSONREAD_DEPTH_MOST, sets `wrong`, and from then
 * on every function says that there is nothing more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSONREAD_DEPTH_MOST = 32 };

struct jsonread {
        const char *at;
        const char *end;
        bool wrong;
};

static inline struct jsonread jsonread_of(const char *text, size_t length)
{
        return (struct jsonread){ .at = text, .end = text + length };
}

/* Enters an object or array; false (and wrong) when it is none. */
bool jsonread_enter(struct jsonread *json, char bracket); /* '{' or '[' */

/* The next key of the object that was entered: its text without escapes is cut to `size`. False behind the last one, which leaves
 * the object. *first is true at the beginning. */
bool jsonread_key(struct jsonread *json, bool *first, char *ret_key, size_t size);
/* The same for the elements of an array: true when the next value stands there. */
bool jsonread_element(struct jsonread *json, bool *first);

/* Reads a string; what does not fit in `size` is cut. Characters beyond ASCII stand as '?'. */
bool jsonread_string(struct jsonread *json, char *ret_text, size_t size);
/* An integer, bare or (as protobuf's JSON has int64) in a string. */
bool jsonread_integer(struct jsonread *json, int64_t *ret_number);
bool jsonread_bool(struct jsonread *json, bool *ret_value);
/* What kind of value comes: '{', '[', '"', 't', 'f', 'n', '0' for a number, 0 for none. */
char jsonread_kind(struct jsonread *json);
bool jsonread_skip(struct jsonread *json);

/* Nothing but blanks is left. */
bool jsonread_at_end(struct jsonread *json);
