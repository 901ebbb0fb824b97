#include "pam_diag/policy/grammar.h"

#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

static void lists_free(char ***lists)
{
        for (size_t i = 0; lists != NULL && lists[i] != NULL; i++)
                strv_free(lists[i]);
        free(lists);
}

void option_free(struct option *option)
{
        if (option == NULL)
                return;
        strv_free(option->names);
        type_free(option->type);
        for (size_t i = 0; i < option->step_count; i++)
                type_free(option->steps[i].type);
        free(option->steps);
        free(option);
}

static void rule_clear_grammar(struct rule *rule)
{
        for (size_t i = rule->borrowed; i < rule->option_count; i++)
                option_free(rule->options[i]);
        free(rule->options);
        for (size_t i = 0; i < rule->refusal_count; i++) {
                strv_free(rule->refusals[i].names);
                free(rule->refusals[i].reason);
        }
        free(rule->refusals);
        for (size_t i = 0; i < rule->implied_count; i++) {
                free(rule->implied[i].option);
                strv_free(rule->implied[i].values);
                strv_free(rule->implied[i].words);
        }
        free(rule->implied);
        for (size_t i = 0; i < rule->operand_count; i++) {
                strv_free(rule->operands[i].unless);
                type_free(rule->operands[i].type);
        }
        free(rule->operands);
        for (size_t i = 0; i < rule->letters_count; i++) {
                free(rule->letters[i].letters);
                type_free(rule->letters[i].type);
        }
        free(rule->letters);
}

void rule_clear(struct rule *rule)
{
        rule_clear_grammar(rule);
        lists_free(rule->verbs);
        lists_free(rule->exclusive);
        lists_free(rule->require);
        strv_free(rule->require_reasons);
        strv_free(rule->prepend);
        strv_free(rule->append);
        strv_free(rule->bare);
        strv_free(rule->operators);
        strv_free(rule->implicit);
        strv_free(rule->reads);
        strv_free(rule->source);
        strv_free(rule->leaks);
        strv_free(rule->omitted);
        strv_free(rule->helpers);
        free(rule->name);
        free(rule->number);
        free(rule->summary);
        free(rule->hint);
        free(rule->file);
        *rule = (struct rule){ 0 };
}

void command_free(struct command *command)
{
        if (command == NULL)
                return;
        for (size_t i = 0; i < command->sub_count; i++)
                rule_clear(&command->subs[i]);
        free(command->subs);
        rule_clear(&command->base);
        free(command->all);
        strv_free(command->helpers);
        strv_free(command->helper_loaders);
        strv_free(command->marks);
        free(command->name);
        free(command->verb);
        free(command->wanted);
        strv_free(command->through);
        strv_free(command->spellings);
        free(command->program);
        free(command->loader);
        free(command->problem);
        free(command);
}

const struct option *option_find(struct option *const *options, size_t count, const char *name, size_t length)
{
        for (size_t i = 0; i < count; i++)
                if (strv_has(options[i]->names, name, length))
                        return options[i];
        return NULL;
}

const struct option *rule_option(const struct rule *rule, const char *name)
{
        return option_find(rule->options, rule->option_count, name, strlen(name));
}

const struct refusal *rule_refusal(const struct rule *rule, const char *name, size_t length)
{
        for (size_t i = 0; i < rule->refusal_count; i++)
                if (strv_has(rule->refusals[i].names, name, length))
                        return &rule->refusals[i];
        return NULL;
}
