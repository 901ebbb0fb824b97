#include <errno.h>
#include <string.h>

#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/match.h"

/* --- looking up --------------------------------------------------------------------------------------------------- */

const struct option *match_find(const struct match *match, const char *name, size_t length, const char **ret_name)
{
        const struct command *command = match->command;
        const struct option *option;

        if (match->rule != NULL)
                option = option_find(match->rule->options, match->rule->option_count, name, length);
        else if (command->dispatch == DISPATCH_PERMUTE)
                option = option_find(command->all, command->all_count, name, length);
        else
                option = option_find(command->base.options, command->base.option_count, name, length);
        for (size_t i = 0; option != NULL && option->names[i] != NULL; i++)
                if (strncmp(option->names[i], name, length) == 0 && option->names[i][length] == '\0')
                        *ret_name = option->names[i];
        return option;
}

/* Behind the sub-command of DISPATCH_STOP its own grammar comes first: docker -H is not docker logs -f. */
const struct refusal *match_find_refusal(const struct match *match, const char *name, size_t length)
{
        const struct rule *base = &match->command->base;
        const struct refusal *refusal = NULL;

        if (match->rule != NULL && match->rule != base) {
                refusal = rule_refusal(match->rule, name, length);
                if (refusal == NULL && match->command->dispatch == DISPATCH_STOP &&
                    option_find(match->rule->options, match->rule->option_count, name, length) != NULL)
                        return NULL;
        }
        return refusal != NULL ? refusal : rule_refusal(base, name, length);
}

/* --- saying no ---------------------------------------------------------------------------------------------------- */

static const char *find_longer(struct option *const *options, size_t count, const char *name, size_t length,
                               size_t *found)
{
        const char *longer = NULL;

        for (size_t i = 0; i < count; i++)
                for (size_t k = 0; options[i]->names[k] != NULL; k++)
                        if (strncmp(options[i]->names[k], name, length) == 0) {
                                longer = options[i]->names[k];
                                (*found)++;
                        }
        return longer;
}

/* The refused name that this one abbreviates: getopt_long(3) would take it. */
static const struct refusal *find_refused_longer(const struct rule *rule, const char *name, size_t length)
{
        for (size_t i = 0; i < rule->refusal_count; i++)
                for (size_t k = 0; rule->refusals[i].names != NULL && rule->refusals[i].names[k] != NULL; k++)
                        if (strncmp(rule->refusals[i].names[k], name, length) == 0)
                                return &rule->refusals[i];
        return NULL;
}

static int suggest(struct match *match, const struct rule *rule, const char *name, size_t length)
{
        const struct rule *base = &match->command->base;
        const char *longer = NULL;
        size_t found = 0;

        if (match->rule == NULL)
                longer = find_longer(match->command->all, match->command->all_count, name, length, &found);
        else
                longer = find_longer(rule->options, rule->option_count, name, length, &found);
        if (found == 1 && length > 2)
                return deny_hint(match->decision, "write: %s", longer);
        if (rule != base && match->command->dispatch == DISPATCH_STOP &&
            option_find(base->options, base->option_count, name, length) != NULL)
                return deny_hint(match->decision, "%.*s stands before the sub-command: %s %.*s %s", (int)length, name,
                                 base->name, (int)length, name, rule->name + strlen(base->name) + 1);
        return 0;
}

int match_unknown(struct match *match, unsigned number, const char *name, size_t length)
{
        const struct rule *rule = match->rule != NULL ? match->rule : &match->command->base;
        const struct refusal *refusal = length > 3 && name[1] == '-' ? find_refused_longer(rule, name, length) : NULL;
        int r;

        if (refusal != NULL)
                return match_refuse(match, refusal, number, name, length);
        r = deny(match->decision, CODE_OPTION, number, "%.*s is not an option here (word %u)", (int)length, name,
                 number);
        return r == -EACCES && suggest(match, rule, name, length) < 0 ? -ENOMEM : r;
}

int match_missing(const struct match *match, unsigned number, const char *name)
{
        return deny(match->decision, CODE_OPTION, number, "%s needs a value (word %u)", name, number);
}

/* --- options as getopt(3) reads them ------------------------------------------------------------------------------- */

/* Is the next word this option's value? It is taken then. */
bool match_take_next(struct match *match, size_t *at, struct given *given)
{
        const struct token *next = *at + 1 < match->token_count ? &match->tokens[*at + 1] : NULL;
        enum arity arity = given->option->arity;

        if (next == NULL || next->part || arity == ARITY_FLAG || arity == ARITY_GLUED)
                return false;
        if (arity == ARITY_SHAPE && !type_has_shape(given->option->type, next->text))
                return false;
        if (arity == ARITY_NEXT && (next->text[0] == '-' || next->text[0] == '+'))
                return false;
        (*at)++;
        given->value = next->text;
        given->word = next->word;
        given->number = next->number;
        return true;
}

static int long_option(struct match *match, size_t *at)
{
        const struct token *token = &match->tokens[*at];
        const char *text = token->text;
        size_t length = strcspn(text, "=");
        struct given given = { .word = token->word, .number = token->number };
        const struct refusal *refusal = match_find_refusal(match, text, length);

        if (refusal != NULL)
                return match_refuse(match, refusal, given.number, text, length);
        given.option = match_find(match, text, length, &given.name);
        if (given.option == NULL)
                return match_unknown(match, given.number, text, length);
        given.type = given.option->type;
        if (text[length] == '=') {
                if (given.option->arity == ARITY_FLAG)
                        return deny(match->decision, CODE_OPTION, given.number, "%s takes no value (word %u)",
                                    given.name, given.number);
                given.value = text + length + 1;
        } else if (!match_take_next(match, at, &given) && given.option->arity == ARITY_REQUIRED) {
                return match_missing(match, given.number, given.name);
        }
        return match_push(match, &given);
}

/* -50 */
static bool are_flags(const struct match *match, const char *letters)
{
        for (; *letters != '\0'; letters++) {
                const char name[3] = { '-', *letters, '\0' };
                const char *spelling;
                const struct option *option = match_find(match, name, 2, &spelling);

                if (option == NULL || option->arity != ARITY_FLAG)
                        return false;
        }
        return true;
}

/* -50, or -50f: the number, then flags. *ret_length is how many digits were taken, 0 for another word. */
static int number_option(struct match *match, size_t at, size_t *ret_length)
{
        const struct rule *rule = match->rule != NULL ? match->rule : &match->command->base;
        const struct token *token = &match->tokens[at];
        struct given given = { .word = token->word, .number = token->number, .value = token->text + 1 };
        size_t length = strspn(given.value, "0123456789");

        *ret_length = 0;
        if (rule->number == NULL || length == 0 || !are_flags(match, given.value + length))
                return 0;
        if (given.value[length] != '\0') {
                cleanup_free char *digits = strndup(given.value, length);

                if (digits == NULL || strv_append(&match->pieces, digits) < 0)
                        return -ENOMEM;
                given.value = match->pieces[strv_length(match->pieces) - 1];
        }
        *ret_length = length;
        given.option = match_find(match, rule->number, strlen(rule->number), &given.name);
        given.type = given.option->type;
        return match_push(match, &given);
}

/* One letter of a bundle; *ret_ends when it took the rest of the word, or the next one, as its value. */
static int short_option(struct match *match, size_t *at, const char *letter, bool *ret_ends)
{
        const char name[3] = { '-', *letter, '\0' };
        const struct token *token = &match->tokens[*at];
        struct given given = { .word = token->word, .number = token->number };
        const struct refusal *refusal = match_find_refusal(match, name, 2);

        if (refusal != NULL)
                return match_refuse(match, refusal, given.number, name, 2);
        given.option = match_find(match, name, 2, &given.name);
        if (given.option == NULL)
                return match_unknown(match, given.number, name, 2);
        given.type = given.option->type;
        *ret_ends = true;
        if (given.option->arity == ARITY_FLAG)
                *ret_ends = false;
        else if (letter[1] != '\0')
                given.value = letter + 1;
        else if (!match_take_next(match, at, &given) && given.option->arity == ARITY_REQUIRED)
                return match_missing(match, given.number, name);
        return match_push(match, &given);
}

bool match_is_option(const struct match *match, const char *text)
{
        enum style style = match->command->style;

        if (text[0] == '@' && style == STYLE_DIG)
                return true;
        if (text[0] == '\0' || text[1] == '\0')
                return false;
        if (style == STYLE_ECHO)
                return text[0] == '-' && are_flags(match, text + 1);
        return text[0] == '-' || (text[0] == '+' && (style == STYLE_DIG || style == STYLE_LSOF));
}

int match_option(struct match *match, size_t *at)
{
        const char *text = match->tokens[*at].text;
        bool done = false;
        size_t number = 0;
        int r;

        if (text[0] != '-')
                return match_mark(match, at);
        if (match->command->style == STYLE_DASHWORD || match->command->style == STYLE_FIND)
                return match_dash(match, at);
        if (text[1] == '-')
                return long_option(match, at);
        r = number_option(match, *at, &number);
        for (const char *letter = text + 1 + number; r == 0 && !done && *letter != '\0'; letter++)
                r = short_option(match, at, letter, &done);
        return r;
}
