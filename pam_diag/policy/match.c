#include "pam_diag/policy/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"

void match_clear(struct match *match)
{
        free(match->given);
        free(match->operands);
        buf_free(&match->letters);
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

/* The name of the rule or, before it is known, of the command. */
static const char *rule_name(const struct match *match)
{
        return match->rule != NULL ? match->rule->name : match->command->name;
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

/* *ret_name is the spelling as the option lists it. */
static const struct option *find_option(const struct match *match, const char *name, size_t length,
                                        const char **ret_name)
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

static const struct refusal *find_refusal(const struct match *match, const char *name, size_t length)
{
        const struct command *command = match->command;
        const struct refusal *refusal = rule_refusal(&command->base, name, length);

        if (refusal == NULL && match->rule != NULL)
                refusal = rule_refusal(match->rule, name, length);
        return refusal;
}

/* --- saying no ---------------------------------------------------------------------------------------------------- */

int match_refuse(const struct match *match, const struct refusal *refusal, unsigned number, const char *name,
                 size_t length)
{
        return deny(match->decision, CODE_REFUSED, number, "%.*s: %s (word %u)", (int)length, name, refusal->reason,
                    number);
}

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

static int refuse_unknown_long(struct match *match, unsigned number, const char *name, size_t length)
{
        const struct rule *rule = match->rule != NULL ? match->rule : &match->command->base;
        const struct refusal *refusal = length > 3 ? find_refused_longer(rule, name, length) : NULL;
        const char *longer;
        size_t found = 0;
        int r;

        if (refusal != NULL)
                return match_refuse(match, refusal, number, name, length);
        if (match->rule == NULL)
                longer = find_longer(match->command->all, match->command->all_count, name, length, &found);
        else
                longer = find_longer(rule->options, rule->option_count, name, length, &found);
        r = deny(match->decision, CODE_OPTION, number, "%.*s is not an option here (word %u)", (int)length, name,
                 number);
        if (r == -EACCES && found == 1 && length > 2 && deny_hint(match->decision, "write: %s", longer) < 0)
                return -ENOMEM;
        return r;
}

static int refuse_missing(struct match *match, unsigned number, const char *name)
{
        return deny(match->decision, CODE_OPTION, number, "%s needs a value (word %u)", name, number);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

/* Is the next word this option's value? It is taken then: *at moves on to it. */
static bool take_next(struct match *match, size_t *at, struct given *given)
{
        const struct words *words = match->words;
        const struct word *next = *at + 1 < words->count ? &words->list[*at + 1] : NULL;

        if (next == NULL || given->option->arity == ARITY_FLAG || given->option->arity == ARITY_GLUED)
                return false;
        if (given->option->arity == ARITY_SHAPE && !type_has_shape(given->option->type, next->text))
                return false;
        (*at)++;
        given->value = next->text;
        given->word = next;
        given->number = (unsigned)*at + 1;
        return true;
}

static int long_option(struct match *match, size_t *at)
{
        const struct word *word = &match->words->list[*at];
        size_t length = strcspn(word->text, "=");
        struct given given = { .word = word, .number = (unsigned)*at + 1 };
        const struct refusal *refusal = find_refusal(match, word->text, length);

        if (refusal != NULL)
                return match_refuse(match, refusal, given.number, word->text, length);
        given.option = find_option(match, word->text, length, &given.name);
        if (given.option == NULL)
                return refuse_unknown_long(match, given.number, word->text, length);
        given.type = given.option->type;
        if (word->text[length] == '=') {
                if (given.option->arity == ARITY_FLAG)
                        return deny(match->decision, CODE_OPTION, given.number, "%s takes no value (word %u)",
                                    given.name, given.number);
                given.value = word->text + length + 1;
        } else if (!take_next(match, at, &given) && given.option->arity == ARITY_REQUIRED) {
                return refuse_missing(match, given.number, given.name);
        }
        return match_push(match, &given);
}

/* -50 */
static int number_option(struct match *match, size_t at, bool *ret_done)
{
        const struct rule *rule = match->rule != NULL ? match->rule : &match->command->base;
        const struct word *word = &match->words->list[at];
        struct given given = { .word = word, .number = (unsigned)at + 1, .value = word->text + 1 };

        *ret_done = rule->number != NULL && word->text[1 + strspn(word->text + 1, "0123456789")] == '\0';
        if (!*ret_done)
                return 0;
        given.option = find_option(match, rule->number, strlen(rule->number), &given.name);
        given.type = given.option->type;
        return match_push(match, &given);
}

/* One letter of a bundle; *ret_ends when it took the rest of the word, or the next one, as its value. */
static int short_option(struct match *match, size_t *at, const char *letter, bool *ret_ends)
{
        const char name[3] = { '-', *letter, '\0' };
        struct given given = { .word = &match->words->list[*at], .number = (unsigned)*at + 1 };
        const struct refusal *refusal = find_refusal(match, name, 2);

        if (refusal != NULL)
                return match_refuse(match, refusal, given.number, name, 2);
        given.option = find_option(match, name, 2, &given.name);
        if (given.option == NULL)
                return deny(match->decision, CODE_OPTION, given.number, "%s is not an option here (word %u)", name,
                            given.number);
        given.type = given.option->type;
        *ret_ends = true;
        if (given.option->arity == ARITY_FLAG)
                *ret_ends = false;
        else if (letter[1] != '\0')
                given.value = letter + 1;
        else if (!take_next(match, at, &given) && given.option->arity == ARITY_REQUIRED)
                return refuse_missing(match, given.number, name);
        return match_push(match, &given);
}

static int option_word(struct match *match, size_t *at)
{
        const char *text = match->words->list[*at].text;
        bool done = false;
        int r;

        if (text[1] == '-')
                return long_option(match, at);
        r = number_option(match, *at, &done);
        for (const char *letter = text + 1; r == 0 && !done && *letter != '\0'; letter++)
                r = short_option(match, at, letter, &done);
        return r;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

/* Options and operands from *at on; with `stop` to behind the first operand. */
static int scan(struct match *match, size_t *at, bool stop)
{
        for (; *at < match->words->count; (*at)++) {
                const struct word *word = &match->words->list[*at];
                struct given operand = { .value = word->text, .word = word, .number = (unsigned)*at + 1 };
                int r;

                if (!match->ended && strcmp(word->text, "--") == 0) {
                        match->ended = true;
                        continue;
                }
                if (!match->ended && word->text[0] == '-' && word->text[1] != '\0') {
                        r = option_word(match, at);
                } else if (!match->ended && match_is_letters(match, word->text)) {
                        r = match_letters(match, at);
                } else {
                        r = push(&match->operands, &match->operand_count, &match->operand_room, &operand);
                        if (match->command->style == STYLE_GETOPT_STOP)
                                match->ended = true;
                        if (r == 0 && stop) {
                                (*at)++;
                                return 0;
                        }
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The family's options, then the sub-command's words, as many as make one, then the rest. */
static int match_stop(struct match *match, size_t *at)
{
        int r = scan(match, at, true);
        size_t words = 1;

        match->before_verb = match->given_count;
        for (size_t i = 0; r == 0 && i < match->command->sub_count; i++) {
                size_t n = 0;

                while (match->command->subs[i].verbs[n] != NULL)
                        n++;
                words = n > words ? n : words;
        }
        while (r == 0 && match->operand_count > 0 && match->operand_count < words && *at < match->words->count &&
               match->words->list[*at].text[0] != '-')
                r = scan(match, at, true);
        if (r == 0)
                r = match_choose(match);
        return r < 0 ? r : scan(match, at, false);
}

int match_words(struct match *match)
{
        size_t at = 1;
        int r;

        match->letters = BUF_INIT(256);
        if (match->command->sub_count == 0) {
                match->rule = &match->command->base;
                r = scan(match, &at, false);
        } else if (match->command->dispatch == DISPATCH_STOP) {
                r = match_stop(match, &at);
        } else {
                r = scan(match, &at, false);
                if (r == 0)
                        r = match_choose(match);
        }
        if (r == -EACCES && match->decision->hint == NULL && match->decision->code == CODE_OPTION &&
            deny_hint(match->decision, "help %s shows what may be written", rule_name(match)) < 0)
                return -ENOMEM;
        return r;
}
