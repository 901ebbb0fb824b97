#include "pam_diag/policy/decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/help.h"
#include "pam_diag/policy/match.h"

const char *decide_code_name(enum decide_code code)
{
        static const char *const names[] = {
                [CODE_NONE] = "none",       [CODE_SYNTAX] = "syntax", [CODE_COMMAND] = "command",
                [CODE_REFUSED] = "refused", [CODE_OPTION] = "option", [CODE_VALUE] = "value",
                [CODE_OPERAND] = "operand", [CODE_PATH] = "path",     [CODE_PIPELINE] = "pipeline",
                [CODE_LIMIT] = "limit",     [CODE_KEY] = "key",
        };

        return (size_t)code < sizeof(names) / sizeof(names[0]) ? names[code] : "none";
}

static void stage_clear(struct stage *stage)
{
        strv_free(stage->words);
        strv_free(stage->argv);
        strv_free(stage->helpers);
        free(stage->program);
        free(stage->loader);
        free(stage->rule);
}

void decision_free(struct decision *decision)
{
        if (decision == NULL)
                return;
        for (size_t i = 0; i < decision->stage_count; i++)
                stage_clear(&decision->stages[i]);
        free(decision->stages);
        free(decision->rule);
        free(decision->reason);
        free(decision->hint);
        free(decision->text);
        free(decision);
}

static int copy_text(const char *text, char **ret_copy)
{
        char *copy = text == NULL ? NULL : strdup(text);

        if (text != NULL && copy == NULL)
                return -ENOMEM;
        free(*ret_copy);
        *ret_copy = copy;
        return 0;
}

/* --- one stage ---------------------------------------------------------------------------------------------------- */

static int add_stage(struct decision *decision, const struct words *words)
{
        struct stage *stage;
        int r = 0;

        if (words->count == 0)
                return 0;
        decision->stages = calloc(1, sizeof(*stage));
        if (decision->stages == NULL)
                return -ENOMEM;
        decision->stage_count = 1;
        stage = &decision->stages[0];
        for (size_t i = 0; r == 0 && i < words->count; i++)
                r = strv_append(&stage->words, words->list[i].text);
        return r;
}

static int fill_stage(struct stage *stage, const struct match *match, const struct rule *rule)
{
        const struct command *command = match->command;
        int r = match_canonical(match, &stage->argv);

        if (r == 0)
                r = copy_text(command->program, &stage->program);
        if (r == 0)
                r = copy_text(command->loader, &stage->loader);
        if (r == 0)
                r = copy_text(rule->name, &stage->rule);
        for (size_t i = 0; r == 0 && command->helpers != NULL && command->helpers[i] != NULL; i++)
                r = strv_append(&stage->helpers, command->helpers[i]);
        stage->network = rule->network;
        stage->timeout_ms = rule->timeout_ms;
        stage->output_most = rule->output_most;
        return r;
}

static int deny_unknown(struct decision *decision, unsigned word, const char *name)
{
        const char *instead = help_instead(name);
        int r = deny(decision, CODE_COMMAND, word, "%.100s has no rule", *name == '\0' ? "an empty word" : name);

        if (r == -EACCES && deny_hint(decision, "%s", instead != NULL ? instead : "help lists what may run here") < 0)
                return -ENOMEM;
        return r;
}

/* An absolute path stands for a rule when it is the very file that the rule runs, by a name under which the search path
 * leads to it or as resolved, and by the rule's own name: one file may be many programs. */
static const struct command *find_by_path(const struct policy *policy, const char *path)
{
        const char *name = strrchr(path, '/') + 1;
        const struct command *command = policy_command(policy, name);

        if (command == NULL || command->program == NULL)
                return NULL;
        if (strcmp(command->program, path) == 0 || strv_has(command->spellings, path, strlen(path)))
                return command;
        return NULL;
}

static int find_command(const struct policy *policy, struct decision *decision, const struct word *word,
                        const struct command **ret_command)
{
        const char *name = word->text;
        const struct command *command;

        if (word->assignment)
                return deny(decision, CODE_SYNTAX, 1, "%.100s: variables cannot be set here", name);
        command = strchr(name, '/') != NULL ? find_by_path(policy, name) : policy_command(policy, name);
        if (command == NULL)
                return deny_unknown(decision, 1, name);
        if (copy_text(command->name, &decision->rule) < 0)
                return -ENOMEM;
        if (command->program == NULL)
                return deny(decision, CODE_COMMAND, 1, "%s %s", command->name, command->problem);
        *ret_command = command;
        return 0;
}

static int decide_stage(const struct policy *policy, const struct words *words, const struct path_resolver *resolver,
                        struct decision *decision)
{
        struct match match = { .policy = policy, .resolver = resolver, .words = words, .decision = decision };
        int r = find_command(policy, decision, &words->list[0], &match.command);

        if (r < 0)
                return r;
        r = match_words(&match);
        if (r == 0)
                r = match_check(&match);
        if (match.rule != NULL && r != -ENOMEM && copy_text(match.rule->name, &decision->rule) < 0)
                r = -ENOMEM;
        if (r == 0 && match.rule != NULL)
                r = fill_stage(&decision->stages[0], &match, match.rule);
        if (r == 0)
                decision->verdict = VERDICT_ALLOW;
        match_clear(&match);
        return r;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static int decide_help(const struct policy *policy, const struct words *words, struct decision *decision)
{
        const char *name = words->count > 1 ? words->list[1].text : NULL;
        const char *sub = words->count > 2 ? words->list[2].text : NULL;
        int r;

        if (words->count > 3)
                r = deny(decision, CODE_OPERAND, 4, "help takes a command and a sub-command");
        else if (name == NULL)
                r = help_list(policy, &decision->text);
        else
                r = help_command(policy, name, sub, &decision->text);
        if (r == -ENOENT && sub != NULL && policy_command(policy, name) != NULL)
                r = deny_unknown(decision, 3, sub);
        else if (r == -ENOENT && name != NULL)
                r = deny_unknown(decision, 2, name);
        if (r == 0)
                decision->verdict = VERDICT_HELP;
        return r;
}

static int deny_split(struct decision *decision, const struct words_error *error)
{
        int r = deny(decision, error->limit ? CODE_LIMIT : CODE_SYNTAX, 0, "%s",
                     error->reason.data == NULL ? "cannot be split" : error->reason.data);

        decision->position = error->position;
        if (r == -EACCES && error->hint != NULL && deny_hint(decision, "%s", error->hint) < 0)
                return -ENOMEM;
        return r;
}

static int decide(const struct policy *policy, const char *line, size_t length, const struct path_resolver *resolver,
                  struct decision *decision)
{
        cleanup_words struct words words = { 0 };
        struct words_error error = { 0 };
        int split = words_split(line, length, &words, &error);
        int r = split == -ENOMEM ? split : add_stage(decision, &words);

        if (r == 0 && split == -EINVAL)
                r = deny_split(decision, &error);
        else if (r == 0 && (words.count == 0 || strcmp(words.list[0].text, "help") == 0))
                r = decide_help(policy, &words, decision);
        else if (r == 0)
                r = decide_stage(policy, &words, resolver, decision);
        if (decision->position == 0 && decision->word > 0 && decision->word <= words.count)
                decision->position = words.list[decision->word - 1].position;
        buf_free(&error.reason);
        return r;
}

int policy_decide(const struct policy *policy, const char *line, size_t length, const struct path_resolver *resolver,
                  struct decision **ret_decision)
{
        cleanup_decision struct decision *decision = calloc(1, sizeof(*decision));
        int r = decision == NULL ? -ENOMEM : decide(policy, line, length, resolver, decision);

        if (r < 0 && r != -EACCES)
                return r;
        *ret_decision = take_ptr(&decision);
        return 0;
}
