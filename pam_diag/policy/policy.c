#include "pam_diag/policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/snapshot.h"

static char *const none[] = { NULL };

static char *const *or_none(char **strings)
{
        return strings == NULL ? none : strings;
}

void policy_free(struct policy *policy)
{
        if (policy == NULL)
                return;
        for (size_t i = 0; i < policy->command_count; i++)
                command_free(policy->commands[i]);
        free(policy->commands);
        command_index_clear(&policy->index);
        for (size_t i = 0; i < policy->key_count; i++)
                key_free(policy->keys[i]);
        free(policy->keys);
        free(policy->rules);
        free(policy->problems);
        strv_free(policy->allow);
        strv_free(policy->list);
        strv_free(policy->deny);
        strv_free(policy->deny_resolved);
        strv_free(policy->runtime);
        strv_free(policy->reads);
        strv_free(policy->hosts);
        free(policy->hosts_reason);
        strv_free(policy->programs);
        strv_free(policy->accept_missing);
        strv_free(policy->search);
        free(policy->profiles);
        free(policy);
}

const char *policy_sha256(const struct policy *policy)
{
        return policy->sha256;
}

enum policy_audit policy_audit(const struct policy *policy)
{
        return policy->audit;
}

unsigned policy_concurrency(const struct policy *policy)
{
        return policy->concurrency;
}

struct limits policy_limits(const struct policy *policy)
{
        struct limits most = policy->limits;

        for (size_t i = 0; i < policy->rule_count; i++)
                limits_widen(&most, &policy->rules[i]->limits);
        return most;
}

char *const *policy_reads(const struct policy *policy)
{
        return or_none(policy->reads);
}

unsigned policy_network(const struct policy *policy)
{
        return policy->network;
}

char *const *policy_list(const struct policy *policy)
{
        return or_none(policy->list);
}

char *const *policy_allow(const struct policy *policy)
{
        return or_none(policy->allow);
}

char *const *policy_deny(const struct policy *policy)
{
        return or_none(policy->deny);
}

char *const *policy_runtime(const struct policy *policy)
{
        return or_none(policy->runtime);
}

char *const *policy_programs(const struct policy *policy)
{
        return or_none(policy->programs);
}

char *const *policy_accept_missing(const struct policy *policy)
{
        return or_none(policy->accept_missing);
}

size_t policy_command_count(const struct policy *policy)
{
        return policy->rule_count;
}

const char *policy_command_name(const struct policy *policy, size_t index)
{
        return index < policy->rule_count ? policy->rules[index]->name : NULL;
}

const char *policy_command_problem(const struct policy *policy, size_t index)
{
        return index < policy->rule_count ? policy->problems[index] : NULL;
}

const struct command *policy_command(const struct policy *policy, const char *name)
{
        return command_index_find(&policy->index, name);
}
