/* Words against a command's grammar.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/links.h"
#include "pam_diag/policy/snapshot.h"
#include "pam_diag/policy/words.h"

/* A word of the stage, or a part of one where the command splits its words anew (`lex`). */
struct token {
        const char *text;
        const struct word *word;
        unsigned number; /* of the word, from 1 */
        bool part;
};

enum given_kind {
        GIVEN_OPTION, /* an option or a keyword */
        GIVEN_MORE, /* a further value of the keyword before it */
        GIVEN_LETTER, /* a BSD letter with its value */
        GIVEN_OPERATOR,
};

/* What was found in the line, in its order. */
struct given {
        enum given_kind kind;
        const struct option *option; /* of GIVEN_OPTION and GIVEN_MORE */
        const char *name; /* the spelling that was used, one of option->names; NULL for a BSD letter */
        char letter;
        const struct type *type;
        const char *value; /* points into the tokens; NULL when there is none */
        const struct word *word; /* that holds the value, or the option */
        unsigned number; /* of that word, from 1 */
        char **paths; /* of an operand: what its pattern stands for; NULL: the value itself */
};

struct match;

/* What the unquoted pattern of an operand of type path stands for, each an absolute path; all are judged afterwards. 0 and at least
 * one path; -EACCES with a sentence in *wrong that begins with the pattern, and one in *hint; -ENOMEM. */
typedef int (*match_expander)(const struct match *match, const struct word *word, char ***ret_paths, struct buf *wrong,
                              struct buf *hint);

struct match {
        const struct policy *policy;
        const struct path_resolver *resolver;
        const struct command *command;
        const struct rule *rule; /* NULL until the sub-command is known */
        const struct words *words;
        struct decision *decision;
        match_expander expand; /* NULL: patterns are refused */
        struct token *tokens;
        size_t token_count;
        size_t token_room;
        char **pieces; /* the texts of split words */
        struct given *given;
        size_t given_count;
        size_t given_room;
        size_t before_verb; /* how many of them stand before the sub-command (DISPATCH_STOP) */
        struct given *operands; /* only value, word and number are set */
        size_t operand_count;
        size_t operand_room;
        size_t files_at; /* the first operand of the last kind that the rule has */
        struct buf letters; /* BSD letters without a value */
        bool ended; /* `--`, or the first operand of STYLE_GETOPT_STOP, has passed */
        bool in_expression; /* STYLE_FIND: the first test has passed */
        struct links links; /* the denied files with further names, once they are needed */
        bool lists; /* a path may be listed but not read */
};

/* 0 when every word fits: match->rule, given and operands are set (the words of the sub-command taken off). -EACCES when
 * match->decision says why not; -ENOMEM. */
int match_words(struct match *match);

/* match_check.c: options against the rule, values and operands against their types. The same results. */
int match_check(struct match *match);

/* canonical.c: the argv that runs. 0 or -ENOMEM. */
int match_canonical(const struct match *match, char ***ret_argv);

void match_clear(struct match *match);

/* --- for the files of this header --------------------------------------------------------------------------------- */

/* *at is the index of the token that is looked at; a function that takes more moves it to the last one taken. */

int match_push(struct match *match, const struct given *one);
int match_refuse(const struct match *match, const struct refusal *refusal, unsigned number, const char *name,
                 size_t length);

/* match_option.c: words that begin as options do. */
bool match_is_option(const struct match *match, const char *text);
int match_option(struct match *match, size_t *at);
bool match_take_next(struct match *match, size_t *at, struct given *given);
/* *ret_name is the spelling as the option lists it. */
const struct option *match_find(const struct match *match, const char *name, size_t length, const char **ret_name);
const struct refusal *match_find_refusal(const struct match *match, const char *name, size_t length);
int match_unknown(struct match *match, unsigned number, const char *name, size_t length);
int match_missing(const struct match *match, unsigned number, const char *name);

/* match_dash.c: options that are whole words (STYLE_DASHWORD, STYLE_FIND), +name and @value (STYLE_DIG), +x (STYLE_LSOF). */
int match_dash(struct match *match, size_t *at);
int match_mark(struct match *match, size_t *at);

/* match_filter.c: tokens, operators, keywords and what an unmarked value stands for. *ret_done when the word was one. */
int match_tokens(struct match *match);
bool match_is_operator(const struct match *match, const struct token *token);
int match_operator(struct match *match, size_t at);
int match_keyword(struct match *match, size_t *at, bool *ret_done);
int match_bare(struct match *match, size_t at, bool *ret_done);

/* match_words.c: BSD letters; and the sub-command with the most words that fits. *ret_words: how many operands it took. */
bool match_is_letters(const struct match *match, const char *text);
int match_letters(struct match *match, size_t *at);
int match_choose(struct match *match, size_t *ret_words);
