/* Words against a command's grammar.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/snapshot.h"
#include "pam_diag/policy/words.h"

/* An option as it was found in the line. */
struct given {
        const struct option *option;
        const char *name; /* the spelling that was used, one of option->names; NULL for a BSD letter */
        char letter; /* a BSD letter with a value */
        const struct type *type;
        const char *value; /* points into the words; NULL when there is none */
        const struct word *word; /* that holds the value, or the option */
        unsigned number; /* of that word, from 1 */
};

struct match {
        const struct policy *policy;
        const struct path_resolver *resolver;
        const struct command *command;
        const struct rule *rule; /* NULL until the sub-command is known */
        const struct words *words;
        struct decision *decision;
        struct given *given;
        size_t given_count;
        size_t given_room;
        size_t before_verb; /* how many of them stand before the sub-command (DISPATCH_STOP) */
        struct given *operands; /* only value, word and number are set */
        size_t operand_count;
        size_t operand_room;
        struct buf letters; /* BSD letters without a value */
        bool ended; /* `--`, or the first operand of STYLE_GETOPT_STOP, has passed */
};

/* 0 when every word fits: match->rule, given and operands are set (the words of the sub-command taken off). -EACCES when
 * match->decision says why not; -ENOMEM. */
int match_words(struct match *match);

/* match_words.c: words without a dash. BSD letters; and the sub-command with the most words that fits, taken off the
 * operands. The same results. */
bool match_is_letters(const struct match *match, const char *text);
int match_letters(struct match *match, size_t *at);
int match_choose(struct match *match);

/* For the files of this header. */
int match_push(struct match *match, const struct given *one);
int match_refuse(const struct match *match, const struct refusal *refusal, unsigned number, const char *name,
                 size_t length);

/* match_check.c: options against the rule, values and operands against their types. The same results. */
int match_check(struct match *match);

/* canonical.c: the argv that runs. 0 or -ENOMEM. */
int match_canonical(const struct match *match, char ***ret_argv);

void match_clear(struct match *match);
