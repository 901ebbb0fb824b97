#include <errno.h>
#include <string.h>

#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/match.h"

/* The option of exactly that name, or why there is none. 0, -EACCES, -ENOMEM. */
static int find_whole(struct match *match, const struct token *token, size_t length, struct given *ret_given)
{
        const struct refusal *refusal = match_find_refusal(match, token->text, length);

        *ret_given = (struct given){ .word = token->word, .number = token->number };
        if (refusal != NULL)
                return match_refuse(match, refusal, token->number, token->text, length);
        ret_given->option = match_find(match, token->text, length, &ret_given->name);
        if (ret_given->option == NULL)
                return match_unknown(match, token->number, token->text, length);
        ret_given->type = ret_given->option->type;
        return 0;
}

/* -name, -name VALUE; `=` is a byte of the name but for options whose value is optional: -name[=VALUE] */
int match_dash(struct match *match, size_t *at)
{
        const struct token *token = &match->tokens[*at];
        size_t length = strcspn(token->text, "=");
        const char *spelling = NULL;
        const struct option *glued = match_find(match, token->text, length, &spelling);
        struct given given;
        int r;

        if (token->text[length] == '\0' || glued == NULL || glued->arity != ARITY_GLUED)
                length = strlen(token->text);
        r = find_whole(match, token, length, &given);
        if (r < 0 || given.option == NULL)
                return r;
        match->in_expression = match->command->style == STYLE_FIND;
        if (token->text[length] == '=')
                given.value = token->text + length + 1;
        else if (!match_take_next(match, at, &given) && given.option->arity == ARITY_REQUIRED)
                return match_missing(match, given.number, given.name);
        return match_push(match, &given);
}

/* @VALUE */
static int at_option(struct match *match, size_t at)
{
        const struct token *token = &match->tokens[at];
        struct given given;
        int r = find_whole(match, token, 1, &given);

        if (r < 0 || given.option == NULL)
                return r;
        given.value = token->text + 1;
        return match_push(match, &given);
}

/* +x, +xVALUE, +x VALUE */
static int plus_letter(struct match *match, size_t *at)
{
        const struct token *token = &match->tokens[*at];
        struct given given;
        int r = find_whole(match, token, 2, &given);

        if (r < 0 || given.option == NULL)
                return r;
        if (token->text[2] != '\0' && given.option->arity == ARITY_FLAG)
                return deny(match->decision, CODE_OPTION, given.number, "%s takes no value (word %u)", given.name,
                            given.number);
        if (token->text[2] != '\0')
                given.value = token->text + 2;
        else if (!match_take_next(match, at, &given) && given.option->arity == ARITY_REQUIRED)
                return match_missing(match, given.number, given.name);
        return match_push(match, &given);
}

/* +name, +name=VALUE */
static int plus_name(struct match *match, size_t at)
{
        const struct token *token = &match->tokens[at];
        size_t length = strcspn(token->text, "=");
        struct given given;
        int r = find_whole(match, token, length, &given);

        if (r < 0 || given.option == NULL)
                return r;
        if (token->text[length] == '=') {
                if (given.option->arity == ARITY_FLAG)
                        return deny(match->decision, CODE_OPTION, given.number, "%s takes no value (word %u)",
                                    given.name, given.number);
                given.value = token->text + length + 1;
        } else if (given.option->arity == ARITY_REQUIRED) {
                return deny(match->decision, CODE_OPTION, given.number, "%s needs a value: %s=… (word %u)", given.name,
                            given.name, given.number);
        }
        return match_push(match, &given);
}

int match_mark(struct match *match, size_t *at)
{
        if (match->tokens[*at].text[0] == '@')
                return at_option(match, *at);
        return match->command->style == STYLE_LSOF ? plus_letter(match, at) : plus_name(match, *at);
}
