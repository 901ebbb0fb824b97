/* The state of words_split, for its two files.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include <errno.h>

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/words.h"

struct splitter {
        const char *line;
        size_t length;
        size_t at;
        struct words *words;
        struct words_error *error;
        struct buf text; /* of the word that is being read */
        struct buf pattern; /* the same, with quoted special characters escaped */
        bool in_word;
        bool bare; /* nothing of the word is quoted */
        bool name_so_far; /* nothing but an unquoted name yet */
        struct word word;
};

#define REFUSE(splitter, where, what, ...)                                                      \
        ((splitter)->error->position = (unsigned)(where) + 1, (splitter)->error->hint = (what), \
         buf_printf(&(splitter)->error->reason, __VA_ARGS__), -EINVAL)

/* The byte `ahead` of the present one; -1 behind the end. */
int splitter_peek(const struct splitter *s, size_t ahead);

/* The word that is being read, if any, becomes an entry of the list. */
int splitter_push_word(struct splitter *s);

/* An entry for an operator that reaches from there to the present place. */
int splitter_push_operator(struct splitter *s, enum line_operator op, size_t from);

/* words_operator.c: the operator that begins here, with the word that it ends; or the refusal of one that is not understood. */
int splitter_operator(struct splitter *s);
int splitter_refuse(struct splitter *s);
