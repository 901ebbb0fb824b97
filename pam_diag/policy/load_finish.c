#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/load.h"

/* With DISPATCH_PERMUTE options are read before the sub-command is known: one name must take its value in one way. */
static int merge_option(struct load *load, struct command *command, const struct rule *rule, struct option *option)
{
        struct option **larger;

        /* Within one rule, and beside what it borrows, a name stands once already. */
        for (size_t i = 0; command->dispatch == DISPATCH_PERMUTE && rule != &command->base && option->names[i] != NULL;
             i++) {
                const char *name = option->names[i];
                const struct option *other = option_find(command->all, command->all_count, name, strlen(name));

                if (other != NULL && other->arity != option->arity)
                        policy_error(load->errors, rule->file, rule->line, 0,
                                     "%s: %s takes its value in another way in another sub-command", rule->name, name);
        }
        larger = load_grow(command->all, command->all_count, sizeof(struct option *));
        if (larger == NULL)
                return -ENOMEM;
        command->all = larger;
        larger[command->all_count++] = option;
        return 0;
}

/* A family's trees are each sub-command's too. */
static int inherit_reads(struct rule *rule, const struct rule *base)
{
        int r = 0;

        for (size_t i = 0; r == 0 && base->reads != NULL && base->reads[i] != NULL; i++)
                r = strv_append_once(&rule->reads, base->reads[i]);
        return r;
}

/* What some rule of a program that is here may touch; the whole session must be able to. */
static int collect(struct policy *policy, const struct command *command)
{
        int r = 0;

        for (size_t i = 0; r == 0 && command->problem == NULL && i <= command->sub_count; i++) {
                const struct rule *rule = i == 0 ? &command->base : &command->subs[i - 1];

                policy->network |= rule->network;
                for (size_t k = 0; r == 0 && rule->reads != NULL && rule->reads[k] != NULL; k++)
                        r = strv_append_once(&policy->reads, rule->reads[k]);
        }
        return r;
}

static void inherit(struct rule *rule, const struct rule *base)
{
        limits_inherit(&rule->limits, &rule->limits_set, &base->limits, base->limits_set);
        if (!rule->has_network) {
                rule->has_network = base->has_network;
                rule->network = base->network;
        }
}

static void inherit_policy(struct rule *rule, const struct policy *policy)
{
        limits_inherit(&rule->limits, &rule->limits_set, &policy->limits, UINT_MAX);
}

static int finish_command(struct load *load, struct command *command)
{
        int r = 0;

        inherit_policy(&command->base, load->policy);
        load_check_command(load, command);
        for (size_t i = 0; r == 0 && i < command->base.option_count; i++)
                r = merge_option(load, command, &command->base, command->base.options[i]);
        for (size_t i = 0; i < command->sub_count; i++) {
                struct rule *rule = &command->subs[i];

                inherit(rule, &command->base);
                inherit_policy(rule, load->policy);
                if (r == 0)
                        r = inherit_reads(rule, &command->base);
                for (size_t k = rule->borrowed; r == 0 && k < rule->option_count; k++)
                        r = merge_option(load, command, rule, rule->options[k]);
        }
        return r < 0 ? r : collect(load->policy, command);
}

static int by_command_name(const void *a, const void *b)
{
        return strcmp((*(struct command *const *)a)->name, (*(struct command *const *)b)->name);
}

struct listed {
        const struct rule *rule;
        const char *problem;
};

static int by_rule_name(const void *a, const void *b)
{
        return strcmp(((const struct listed *)a)->rule->name, ((const struct listed *)b)->rule->name);
}

static size_t list_command(const struct command *command, struct listed *list)
{
        size_t n = 0;

        if (command->sub_count == 0)
                list[n++] = (struct listed){ .rule = &command->base, .problem = command->problem };
        for (size_t i = 0; i < command->sub_count; i++)
                list[n++] = (struct listed){ .rule = &command->subs[i], .problem = command->problem };
        return n;
}

static int list_rules(struct policy *policy)
{
        cleanup_free struct listed *list = NULL;
        size_t count = 0;

        for (size_t i = 0; i < policy->command_count; i++)
                count += policy->commands[i]->sub_count > 0 ? policy->commands[i]->sub_count : 1;
        list = calloc(count + 1, sizeof(*list));
        policy->rules = calloc(count + 1, sizeof(const struct rule *));
        policy->problems = calloc(count + 1, sizeof(const char *));
        if (list == NULL || policy->rules == NULL || policy->problems == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < policy->command_count; i++)
                policy->rule_count += list_command(policy->commands[i], list + policy->rule_count);
        qsort(list, policy->rule_count, sizeof(*list), by_rule_name);
        for (size_t i = 0; i < policy->rule_count; i++) {
                policy->rules[i] = list[i].rule;
                policy->problems[i] = list[i].problem;
        }
        return 0;
}

/* One step and no more: what files go through reads them itself. */
static void check_through(struct load *load, const struct command *command)
{
        const struct command *other = command->through == NULL ? NULL
                                                               : policy_command(load->policy, command->through[0]);

        if (command->through != NULL && (other == NULL || other->through != NULL))
                policy_error(load->errors, command->base.file, command->base.line, 0,
                             "[command %s]: its files go through %s, which %s", command->name, command->through[0],
                             other == NULL ? "is no command of this policy" : "does not read files itself");
}

int load_finish(struct load *load)
{
        struct policy *policy = load->policy;
        int r = 0;

        if (policy->command_count > 1)
                qsort(policy->commands, policy->command_count, sizeof(struct command *), by_command_name);
        for (size_t i = 0; r == 0 && i < policy->command_count; i++)
                r = finish_command(load, policy->commands[i]);
        for (size_t i = 0; r == 0 && i < policy->command_count; i++)
                check_through(load, policy->commands[i]);
        if (r == 0)
                r = list_rules(policy);
        if (r == 0)
                load_keys_finish(load);
        return r;
}
