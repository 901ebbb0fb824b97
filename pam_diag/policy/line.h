/* A command line into stages: what runs, how it is joined, where its output goes.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure (I8). `a | b`, `a && b`, `a || b`, `a ; b` with the meaning of POSIX.1-2017, XCU 2.9; `2>&1`, `2>/dev/null` and `>/dev/null`
 * from left to right (XCU 2.7).
 */
#pragma once

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/words.h"

struct line_stage {
        struct words words; /* a part of the line's list: not to be freed */
        enum stage_link link;
        unsigned redirect; /* REDIRECT_* */
};

struct line {
        struct words words;
        struct line_stage stages[DECIDE_STAGES_MOST];
        size_t count; /* 0 for an empty line */
};

/* As words_split; *ret_line is set as far as the split came, also on -EINVAL. */
int line_split(const char *text, size_t length, struct line *ret_line, struct words_error *ret_error);

void line_free(struct line *line);
#define cleanup_line __attribute__((cleanup(line_free)))
