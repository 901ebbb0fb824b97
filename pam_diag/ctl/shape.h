/* The shape of a command's words: which options, and what kinds of operands.
 *
 * Linked by: diagctl.
 *
 * Pure. A guess from the words alone: without a profile nobody knows which option takes the next word as its value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pam_diag/base/buf.h"

enum shape_kind {
        SHAPE_PATH, /* /var/log/syslog */
        SHAPE_INTEGER, /* 50 */
        SHAPE_UNIT, /* nginx.service */
        SHAPE_WORD, /* images: a lower-case word, perhaps a sub-command */
        SHAPE_TEXT, /* anything else */
        SHAPE_KINDS,
};

enum { SHAPE_OPTIONS_MOST = 64, SHAPE_WORDS_MOST = 8 };

struct shape_option {
        char *name; /* "-f", "--lines" */
        bool valued; /* with a value in the same word: --lines=5, -n5 */
        enum shape_kind kind; /* of that value */
};

struct shape {
        char *command; /* without its directory */
        struct shape_option options[SHAPE_OPTIONS_MOST]; /* sorted by name, no duplicates */
        size_t option_count;
        bool number; /* -50 */
        size_t operands[SHAPE_KINDS]; /* how many of each kind */
        char **words; /* the SHAPE_WORD ones, no duplicates; one more than SHAPE_WORDS_MOST says that there were more */
};

/* `words` are a stage's, ended by NULL; none is an empty shape. 0 or -ENOMEM; the shape is the caller's to clear in any case. */
int shape_take(char *const *words, struct shape *ret_shape);

/* What both have: the larger count of operands, the options of either. 0 or -ENOMEM. */
int shape_join(struct shape *shape, const struct shape *other);

/* "lsblk -f --output=TEXT PATH": the same text for the same command, set of options and set of kinds. */
void shape_put(struct buf *buf, const struct shape *shape);

void shape_clear(struct shape *shape);
#define cleanup_shape __attribute__((cleanup(shape_clear)))
