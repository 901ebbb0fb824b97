#include "pam_diag/policy/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"

void match_clear(struct match *match)
{
        free(match->tokens);
        strv_free(match->pieces);
        free(match->given);
        for (size_t i = 0; i < match->operand_count; i++)
                strv_free(match->operands[i].paths);
        free(match->operands);
        buf_free(&match->letters);
        links_clear(&match->links);
}

static int push(struct given **list, size_t *count, size_t *room, const struct given *one)
{
        if (*count == *room) {
                size_t wanted = *room == 0 ? 16 : 2 * *room;
                struct given *larger = reallocarray(*list, wanted, sizeof(*larger));

                if (larger == NULL)
                        return -ENOMEM;
                *list = larger;
                *room = wanted;
        }
        (*list)[(*count)++] = *one;
        return 0;
}

int match_push(struct match *match, const struct given *one)
{
        return push(&match->given, &match->given_count, &match->given_room, one);
}

int match_refuse(const struct match *match, const struct refusal *refusal, unsigned number, const char *name,
                 size_t length)
{
        return deny(match->decision, CODE_REFUSED, number, "%.*s: %s (word %u)", (int)length, name, refusal->reason,
                    number);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static int push_operand(struct match *match, const struct token *token)
{
        const struct given operand = { .value = token->text, .word = token->word, .number = token->number };

        if (match->in_expression)
                return deny(match->decision, CODE_OPERAND, token->number,
                            "%.200s: what to start from stands before the first test (word %u)", token->text,
                            token->number);
        if ((match->command->style == STYLE_GETOPT_STOP || match->command->style == STYLE_ECHO) && match->rule != NULL)
                match->ended = true;
        return push(&match->operands, &match->operand_count, &match->operand_room, &operand);
}

/* A word that is neither option nor operator. */
static int plain_word(struct match *match, size_t *at)
{
        const struct token *token = &match->tokens[*at];
        bool done = false;
        int r = 0;

        /* By itself it would be an option, and is none inside of a word. */
        if (token->part && token->text[0] == '-')
                return deny(match->decision, CODE_OPERAND, token->number, "%.200s inside of a word (word %u)",
                            token->text, token->number);
        if (!match->ended && match_is_letters(match, token->text))
                return match_letters(match, at);
        if (match->rule != NULL)
                r = match_keyword(match, at, &done);
        if (r == 0 && !done && match->rule != NULL)
                r = match_bare(match, *at, &done);
        return r < 0 || done ? r : push_operand(match, token);
}

static bool ends_options(const struct match *match, const char *text)
{
        enum style style = match->command->style;

        return !match->ended && strcmp(text, "--") == 0 && style != STYLE_DASHWORD && style != STYLE_FIND &&
               style != STYLE_DIG && style != STYLE_ECHO;
}

/* The words from *at on; with `stop` to behind the first operand. */
static int scan(struct match *match, size_t *at, bool stop)
{
        for (; *at < match->token_count; (*at)++) {
                const struct token *token = &match->tokens[*at];
                size_t operands = match->operand_count;
                int r = 0;

                if (match_is_operator(match, token))
                        r = match_operator(match, *at);
                else if (ends_options(match, token->text))
                        match->ended = true;
                else if (!match->ended && !token->part && match_is_option(match, token->text))
                        r = match_option(match, at);
                else
                        r = plain_word(match, at);
                if (r < 0)
                        return r;
                if (stop && match->operand_count > operands) {
                        (*at)++;
                        return 0;
                }
        }
        return 0;
}

static size_t longest_verb(const struct command *command)
{
        size_t longest = 1;

        for (size_t i = 0; i < command->sub_count; i++) {
                size_t n = 0;

                while (command->subs[i].verbs[n] != NULL)
                        n++;
                longest = n > longest ? n : longest;
        }
        return longest;
}

/* The family's options, then the sub-command's words, as many as make one, then the rest. */
static int match_stop(struct match *match, size_t *at)
{
        size_t longest = longest_verb(match->command);
        size_t taken = 0;
        int r = scan(match, at, true);

        match->before_verb = match->given_count;
        while (r == 0 && match->operand_count > 0 && match->operand_count < longest && *at < match->token_count &&
               match->tokens[*at].text[0] != '-')
                r = scan(match, at, true);
        if (r == 0)
                r = match_choose(match, &taken);
        if (r < 0)
                return r;
        /* What was read as a possible verb is read again, by the sub-command's own grammar. */
        *at -= match->operand_count;
        match->operand_count = 0;
        return scan(match, at, false);
}

int match_words(struct match *match)
{
        const struct command *command = match->command;
        size_t taken = 0;
        size_t at = 1;
        int r = match_tokens(match);

        match->letters = BUF_INIT(256);
        if (r < 0)
                return r;
        if (command->sub_count == 0) {
                match->rule = &command->base;
                r = scan(match, &at, false);
        } else if (command->dispatch == DISPATCH_STOP) {
                r = match_stop(match, &at);
        } else {
                r = scan(match, &at, false);
                if (r == 0)
                        r = match_choose(match, &taken);
        }
        if (r == -EACCES && match->decision->hint == NULL && match->decision->code == CODE_OPTION &&
            deny_hint(match->decision, "help %s shows what may be written",
                      match->rule != NULL ? match->rule->name : command->name) < 0)
                return -ENOMEM;
        return r;
}
