/* Text of records with bytes that no reader of the sink would leave as they are: readable first, then whole.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"

/* How a sink writes a field of text: `open` name `middle` value `close`. */
struct odd_form {
        const char *open;
        const char *middle;
        const char *close;
        void (*put)(struct buf *buf, const char *text, size_t length); /* the value, with what it needs around it */
};

/* The field with U+FFFD for each byte that was not UTF-8, and one beside it, NAME_base64, with the original bytes. 0 or -errno. */
int odd_put_text(struct buf *buf, const struct odd_form *form, const char *name, const char *text, size_t length);

/* The original bytes of a list's strings in base64, each between `before` and `after`, with commas between them. 0 or -errno. */
int odd_put_items(struct buf *buf, const char *before, const char *after, const char *list, size_t length);
