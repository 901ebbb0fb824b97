/* A command line into words, as a POSIX shell would split it, and nothing else that a shell does.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure (I8). Quotes and backslashes as in POSIX.1-2017, XCU 2.2; a word is only ever what is literal. The operators that are
 * understood (enum line_operator) stand in the list as entries of their own; every other unquoted operator, expansion and substitution
 * is refused by name and place. Globs and braces stay as they are and are marked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pam_diag/base/buf.h"

enum line_operator {
        OPERATOR_NONE, /* a plain word */
        OPERATOR_PIPE, /* | */
        OPERATOR_AND, /* && */
        OPERATOR_OR, /* || */
        OPERATOR_THEN, /* ; */
        OPERATOR_OUT_NULL, /* >/dev/null, 1>/dev/null, >>/dev/null */
        OPERATOR_ERR_NULL, /* 2>/dev/null */
        OPERATOR_ERR_OUT, /* 2>&1 */
};

struct word {
        enum line_operator op;
        char *text; /* of an operator: as written */
        char *pattern; /* with `glob`: the text with its quoted special characters escaped, for glob(7) */
        unsigned position; /* of its first byte in the line, from 1 */
        bool glob; /* holds an unquoted * ? [ or { */
        bool brace; /* holds an unquoted { */
        bool assignment; /* begins with an unquoted NAME= */
};

struct words {
        struct word *list;
        size_t count;
        size_t room;
};

struct words_error {
        bool limit; /* too long or too many, not malformed */
        unsigned position; /* in the line from 1 */
        struct buf reason;
        const char *hint; /* may be NULL */
};

/* 0; -EINVAL with *ret_error filled in (its buf is the caller's to free); -ENOMEM. *words are set in any case, as far
 * as the split came. */
int words_split(const char *line, size_t length, struct words *words, struct words_error *ret_error);

void words_free(struct words *words);
#define cleanup_words __attribute__((cleanup(words_free)))
