#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/match.h"

/* --- tokens -------------------------------------------------------------------------------------------------------- */

/* What a program that joins its words and splits them again takes for a blank (isspace(3), locale C). */
#define BLANKS " \t\n\v\f\r"

static int push_token(struct match *match, const struct token *token)
{
        if (match->token_count >= DECIDE_WORDS_MOST)
                return deny(match->decision, CODE_LIMIT, token->number, "more than %d words", DECIDE_WORDS_MOST);
        if (match->token_count == match->token_room) {
                size_t room = match->token_room == 0 ? 32 : 2 * match->token_room;
                struct token *larger = reallocarray(match->tokens, room, sizeof(*larger));

                if (larger == NULL)
                        return -ENOMEM;
                match->tokens = larger;
                match->token_room = room;
        }
        match->tokens[match->token_count++] = *token;
        return 0;
}

/* The longest mark at the beginning of the text; 0: none. */
static size_t mark_length(const struct command *command, const char *text)
{
        size_t longest = 0;

        for (size_t i = 0; command->marks != NULL && command->marks[i] != NULL; i++) {
                size_t n = strlen(command->marks[i]);

                if (n > longest && strncmp(command->marks[i], text, n) == 0)
                        longest = n;
        }
        return longest;
}

static size_t piece_length(const struct command *command, const char *text)
{
        size_t n = mark_length(command, text);

        if (n > 0)
                return n;
        while (text[n] != '\0' && strchr(BLANKS, text[n]) == NULL && mark_length(command, text + n) == 0)
                n++;
        return n;
}

static int split_token(struct match *match, struct token whole)
{
        const char *at = whole.text + strspn(whole.text, BLANKS);
        size_t first = piece_length(match->command, at);
        size_t count = strv_length(match->pieces);

        /* One piece is the word itself, and an empty word stays one. */
        if (strlen(whole.text) == first)
                return push_token(match, &whole);
        whole.part = true;
        while (*at != '\0') {
                size_t n = piece_length(match->command, at);
                cleanup_free char *piece = strndup(at, n);
                int r = piece == NULL ? -ENOMEM : strv_append(&match->pieces, piece);

                if (r < 0)
                        return r;
                whole.text = match->pieces[count++];
                r = push_token(match, &whole);
                if (r < 0)
                        return r;
                at += n;
                at += strspn(at, BLANKS);
        }
        return 0;
}

int match_tokens(struct match *match)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < match->words->count; i++) {
                const struct word *word = &match->words->list[i];
                const struct token token = { .text = word->text, .word = word, .number = (unsigned)i + 1 };

                if (match->command->joined && i > 0 && word->text[0] != '-')
                        r = split_token(match, token);
                else
                        r = push_token(match, &token);
        }
        return r;
}

/* --- operators ----------------------------------------------------------------------------------------------------- */

bool match_is_operator(const struct match *match, const struct token *token)
{
        if (match->rule == NULL || match->rule->operators == NULL || (match->ended && token->text[0] == '-'))
                return false;
        return strv_has(match->rule->operators, token->text, strlen(token->text));
}

int match_operator(struct match *match, size_t at)
{
        const struct token *token = &match->tokens[at];
        const struct given given = {
                .kind = GIVEN_OPERATOR, .name = token->text, .word = token->word, .number = token->number
        };

        match->in_expression = match->command->style == STYLE_FIND;
        return match_push(match, &given);
}

/* --- keywords ------------------------------------------------------------------------------------------------------ */

static int take_value(struct match *match, size_t *at, const struct type *type, bool maybe, struct given *given)
{
        const struct token *next = *at + 1 < match->token_count ? &match->tokens[*at + 1] : NULL;

        if (maybe && (next == NULL || !type_has_shape(type, next->text)))
                return 0;
        if (next == NULL)
                return match_missing(match, given->number, given->name);
        (*at)++;
        given->type = type;
        given->value = next->text;
        given->word = next->word;
        given->number = next->number;
        return 0;
}

/* Its values follow at once, whatever they look like. */
static int keyword_values(struct match *match, size_t *at, struct given *given)
{
        const struct option *option = given->option;
        int r = 0;

        if (option->type != NULL)
                r = take_value(match, at, option->type, option->maybe, given);
        if (r == 0)
                r = match_push(match, given);
        for (size_t i = 0; r == 0 && i < option->step_count; i++) {
                struct given more = {
                        .kind = GIVEN_MORE, .option = option, .name = given->name, .number = given->number
                };

                r = take_value(match, at, option->steps[i].type, option->steps[i].maybe, &more);
                if (r == 0 && more.value != NULL)
                        r = match_push(match, &more);
        }
        return r;
}

int match_keyword(struct match *match, size_t *at, bool *ret_done)
{
        const struct token *token = &match->tokens[*at];
        struct given given = { .word = token->word, .number = token->number };
        size_t length = strlen(token->text);
        /* Where words are read as letters, or look like options behind `--`, names of refusals mean something else. */
        bool plain = match->rule->letters_count == 0 && strchr("-+@", token->text[0]) == NULL;
        const struct refusal *refusal = plain ? rule_refusal(match->rule, token->text, length) : NULL;

        if (refusal != NULL)
                return match_refuse(match, refusal, token->number, token->text, length);
        given.option = match_find(match, token->text, length, &given.name);
        if (given.option == NULL || !given.option->keyword)
                return 0;
        *ret_done = true;
        return keyword_values(match, at, &given);
}

/* The first of the options that takes the value; its error is told when none does and there is no operand. */
int match_bare(struct match *match, size_t at, bool *ret_done)
{
        const struct rule *rule = match->rule;
        const struct token *token = &match->tokens[at];
        struct given given = { .word = token->word, .number = token->number, .value = token->text };
        const struct option *taken = NULL;
        const struct option *option = NULL;

        for (size_t i = 0; rule->bare != NULL && rule->bare[i] != NULL && taken == NULL; i++) {
                option = match_find(match, rule->bare[i], strlen(rule->bare[i]), &given.name);
                if (option != NULL && type_has_shape(option->type, token->text))
                        taken = option;
        }
        if (taken == NULL && rule->operand_count == 0)
                taken = option;
        if (taken == NULL)
                return 0;
        given.option = taken;
        given.type = taken->type;
        *ret_done = true;
        return match_push(match, &given);
}
