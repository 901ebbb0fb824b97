/* The reader of policy files: bytes → sections and items, each with its place.
 *
 * Linked by: diag-supervisor, diagctl, diag-ship.
 *
 * Pure (I8). Nothing is cut, folded or guessed: what is not exactly one of these lines is an error.
 *   [name argument…]      key = value      key = "value with \" and \\"      # comment      ; comment
 * Comments stand on lines of their own; elsewhere `#` and `;` are bytes like others. Blanks are space and tab. The
 * text is UTF-8 without control characters.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pam_diag/policy/errors.h"

enum {
        INI_LINE_MOST = 64 * 1024,
        INI_FILE_MOST = 1024 * 1024,
        INI_SECTION_WORDS_MOST = 8,
};

/* line and column count from 1, columns in bytes. Strings live as long as the call. */
struct ini_item {
        const char *file;
        unsigned line;
        unsigned column; /* of the key, or of the section's `[` */
        unsigned value_column;
        const char *key; /* NULL for a section */
        const char *value;
        char *const *words; /* of a section: its name and arguments */
};

/* A word inside of a value. */
struct ini_span {
        const char *text;
        size_t length;
        unsigned column;
};

struct ini_handler {
        /* Both return 0 or -ENOMEM; what is wrong with the content goes to the errors. */
        int (*section)(void *context, const struct ini_item *item);
        int (*item)(void *context, const struct ini_item *item);
        void *context;
};

/* 0 when the whole text was read, whatever was found: the errors' count tells. -ENOMEM otherwise. Items of a section
 * whose heading is wrong are checked but not handed out. `file` is only a name for messages. */
int ini_parse(const char *file, const char *data, size_t length, const struct ini_handler *handler,
              struct policy_errors *errors);

/* Walks the blank-separated words of an item's value: *at is NULL at first. */
bool ini_next_word(const struct ini_item *item, const char **at, struct ini_span *ret_span);
