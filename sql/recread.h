/* Reads a record back, front to back, without memory of its own.
 *
 * Linked by: diag-ship, diagctl.
 *
 * Pure (I8). What rec.c writes is read and nothing else: JSON without a blank between its parts, and the beginning that rec.h describes. The
 * first thing that is not so, or is nested deeper than RECREAD_DEPTH_MOST, sets `wrong`, and from then on every function says that there
 * is nothing more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sql/rec.h"

enum { RECREAD_DEPTH_MOST = 32, RECREAD_KIND_SIZE = 32 };

struct recread {
        const char *at;
        const char *end;
        bool wrong;
};

struct recread_value {
        char kind; /* '"', '0' for a number, '{', '[', 't', 'f', 'n' */
        bool plain; /* of a string: base/plain.h, so it means itself */
        const char *text; /* of a string, what stands between its quotation marks */
        size_t length;
};

static inline struct recread recread_of(const char *text, size_t length)
{
        return (struct recread){ .at = text, .end = text + length };
}

/* What every record begins with. The reader then stands behind it, inside the object. */
struct recread_beginning {
        char kind[RECREAD_KIND_SIZE]; /* letters */
        int64_t time_us;
        char session[REC_SESSION_LENGTH + 1];
};
bool recread_begin(struct recread *read, struct recread_beginning *ret_beginning);

bool recread_enter(struct recread *read, char bracket); /* '{' or '[' */

/* The next key of the object, which its value follows; false behind the last one, which leaves the object. *first is true at the beginning,
 * and false behind recread_begin. */
bool recread_key(struct recread *read, bool *first, struct recread_value *ret_key);
/* The same for the elements of an array: true when the next value stands there. */
bool recread_element(struct recread *read, bool *first);

/* Takes these very bytes when they come next; when not, nothing has happened. */
bool recread_skip(struct recread *read, const char *text, size_t length);

bool recread_value(struct recread *read, struct recread_value *ret_value);

bool recread_at_end(const struct recread *read);

/* The text of a string that was read: at most value->length bytes. Returns how many. */
size_t recread_text(const struct recread_value *value, char *ret_text);

/* A number that is an integer of 64 bits. */
bool recread_integer(const struct recread_value *value, int64_t *ret_number);
