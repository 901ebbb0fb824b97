#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/load.h"

#define RULE_ERROR(load, rule, ...) policy_error((load)->errors, (rule)->file, (rule)->line, 0, __VA_ARGS__)

static void check_unless(struct load *load, const struct rule *rule)
{
        for (size_t i = 0; i < rule->operand_count; i++)
                for (size_t k = 0; rule->operands[i].unless != NULL && rule->operands[i].unless[k] != NULL; k++)
                        if (rule_option(rule, rule->operands[i].unless[k]) == NULL)
                                RULE_ERROR(load, rule, "%s: unless %s: no such option", rule->name,
                                           rule->operands[i].unless[k]);
}

/* What may stand without its value must not swallow another option: -b and -4, where -4 is a number too. */
static void check_shapes(struct load *load, const struct rule *rule)
{
        for (size_t i = 0; i < rule->option_count; i++) {
                const struct option *option = rule->options[i];

                for (size_t k = 0; option->arity == ARITY_SHAPE && k < rule->option_count; k++)
                        if (type_has_shape(option->type, rule->options[k]->names[0]))
                                RULE_ERROR(load, rule, "%s: %s would take %s for its value", rule->name,
                                           option->names[0], rule->options[k]->names[0]);
        }
}

/* Words that the profile adds are judged again with the rest, when the argv that runs is decided anew: each is a flag, or an option
 * with its value, as the canonical argv writes it, flags first. */
static void check_fixed(struct load *load, const struct rule *rule, const struct rule *options, const char *key,
                        char *const *words, bool *seen_value)
{
        for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
                size_t n = words[i][0] == '-' && words[i][1] == '-' ? strcspn(words[i], "=") : strlen(words[i]);
                const struct option *option = option_find(options->options, options->option_count, words[i], n);
                const char *value = words[i][n] == '=' ? words[i] + n + 1 : NULL;
                bool glued = option != NULL && strncmp(option->names[0], "--", 2) == 0;

                if (option == NULL || strncmp(option->names[0], words[i], n) != 0 || option->names[0][n] != '\0') {
                        RULE_ERROR(load, rule, "%s: %s: %s is not the first name of an option here", rule->name, key,
                                   words[i]);
                        continue;
                }
                if (option->type == NULL && value == NULL) {
                        if (*seen_value)
                                RULE_ERROR(load, rule, "%s: %s: the flag %s stands before options with a value",
                                           rule->name, key, words[i]);
                        continue;
                }
                if (option->type != NULL && value == NULL && !glued && option->arity == ARITY_REQUIRED)
                        value = words[++i];
                *seen_value = true;
                if (option->type == NULL || value == NULL || !type_has_shape(option->type, value))
                        RULE_ERROR(load, rule, "%s: %s: %s has not the value that it takes", rule->name, key,
                                   option->names[0]);
                if (value == NULL)
                        return;
        }
}

/* The words are judged as what the profile adds is; the option and its values must be the rule's. */
static void check_implied(struct load *load, const struct rule *rule)
{
        for (size_t i = 0; i < rule->implied_count; i++) {
                const struct implied *implied = &rule->implied[i];
                const struct option *option = implied->option == NULL ? NULL : rule_option(rule, implied->option);
                bool seen_value = false;

                if (implied->values == NULL || implied->words == NULL)
                        continue; /* told where it stands */
                if (option == NULL || option->type == NULL)
                        RULE_ERROR(load, rule, "%s: imply: %s is no option with a value here", rule->name,
                                   implied->option);
                for (size_t k = 0; option != NULL && option->type != NULL && implied->values[k] != NULL; k++)
                        if (!type_has_shape(option->type, implied->values[k]))
                                RULE_ERROR(load, rule, "%s: imply: %s is no value of %s", rule->name,
                                           implied->values[k], implied->option);
                for (size_t k = 0; implied->words[k] != NULL; k++)
                        if (strncmp(implied->words[k], "--", 2) != 0)
                                RULE_ERROR(load, rule, "%s: imply: %s is not --NAME or --NAME=VALUE", rule->name,
                                           implied->words[k]);
                check_fixed(load, rule, rule, "imply", implied->words, &seen_value);
        }
}

static void check_additions(struct load *load, const struct command *command, const struct rule *rule)
{
        const struct rule *base = &command->base;
        bool stop = command->sub_count > 0 && command->dispatch == DISPATCH_STOP;
        bool seen_before = false;
        bool seen_behind = false;

        check_fixed(load, rule, stop ? base : rule, "prepend", base->prepend, &seen_before);
        if (rule != base)
                check_fixed(load, rule, stop ? base : rule, "prepend", rule->prepend, &seen_before);
        if (seen_before && command->sub_count > 0 && !stop)
                RULE_ERROR(load, rule, "%s: prepend holds flags only; options with a value belong to append",
                           rule->name);
        check_fixed(load, rule, rule, "append", base->append, &seen_behind);
        if (rule != base)
                check_fixed(load, rule, rule, "append", rule->append, &seen_behind);
        if (command->sub_count == 0 && base->append != NULL)
                RULE_ERROR(load, rule, "%s: append belongs to sub-commands; use prepend", rule->name);
        if (command->style == STYLE_FIND && (base->prepend != NULL || base->append != NULL))
                RULE_ERROR(load, rule, "%s: nothing can be added in the style of find", rule->name);
        if (seen_before && base->letters_count > 0)
                RULE_ERROR(load, rule, "%s: prepend holds flags only, beside letters", rule->name);
}

/* The family's refusals are looked at before an option: one of them must not hide an option of a sub-command. */
static void check_shadows(struct load *load, const struct command *command, const struct rule *rule)
{
        for (size_t i = rule->borrowed; i < rule->option_count && command->dispatch == DISPATCH_PERMUTE; i++)
                for (size_t k = 0; rule->options[i]->names[k] != NULL; k++) {
                        const char *name = rule->options[i]->names[k];

                        if (rule != &command->base && rule_refusal(&command->base, name, strlen(name)) != NULL)
                                RULE_ERROR(load, rule, "%s: %s is refused by [command %s]", rule->name, name,
                                           command->name);
                }
}

/* Before the sub-command is known, words are read as if there were no keywords. */
static void check_words(struct load *load, const struct command *command, const struct rule *rule)
{
        bool words = rule->operators != NULL || rule->bare != NULL;

        for (size_t i = 0; i < rule->option_count; i++)
                words = words || rule->options[i]->keyword;
        if (words && command->sub_count > 0 && command->dispatch == DISPATCH_PERMUTE)
                RULE_ERROR(load, rule, "%s: word, bare and operators need dispatch = stop", rule->name);
        if (words && command->sub_count > 0 && rule == &command->base)
                RULE_ERROR(load, rule, "%s: word, bare and operators belong to its sub-commands", rule->name);
}

static void check_verb(struct load *load, const struct command *command)
{
        const struct rule *base = &command->base;

        if (command->sub_count > 0 && base->operand_count > 0)
                RULE_ERROR(load, base, "%s: operands belong to its sub-commands", base->name);
        if (command->verb == NULL)
                return;
        for (size_t i = 0; i < command->sub_count; i++)
                if (strv_has(command->subs[i].verbs[0], command->verb, strlen(command->verb)) &&
                    command->subs[i].verbs[1] == NULL)
                        return;
        RULE_ERROR(load, base, "%s: verb = %s is no sub-command", base->name, command->verb);
}

static void check_rule(struct load *load, const struct command *command, const struct rule *rule)
{
        check_unless(load, rule);
        check_shapes(load, rule);
        check_shadows(load, command, rule);
        check_words(load, command, rule);
        if (rule != &command->base || command->sub_count == 0)
                check_additions(load, command, rule);
        check_implied(load, rule);
}

void load_check_command(struct load *load, const struct command *command)
{
        check_verb(load, command);
        check_rule(load, command, &command->base);
        for (size_t i = 0; i < command->sub_count; i++)
                check_rule(load, command, &command->subs[i]);
}
