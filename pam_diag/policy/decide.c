#include "pam_diag/policy/decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/globs.h"
#include "pam_diag/policy/help_decide.h"
#include "pam_diag/policy/keys.h"
#include "pam_diag/policy/match.h"
#include "pam_diag/policy/through.h"

enum { REASON_MOST = 65536 };

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
        strv_free(stage->reads);
        strv_free(stage->helper_loaders);
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

static int add_stages(struct decision *decision, const struct line *line)
{
        int r = 0;

        if (line->count == 0)
                return 0;
        decision->stages = calloc(line->count, sizeof(*decision->stages));
        if (decision->stages == NULL)
                return -ENOMEM;
        decision->stage_count = line->count;
        for (size_t i = 0; i < line->count; i++) {
                struct stage *stage = &decision->stages[i];
                const struct words *words = &line->stages[i].words;

                stage->link = line->stages[i].link;
                stage->redirect = line->stages[i].redirect;
                for (size_t k = 0; r == 0 && k < words->count; k++)
                        r = strv_append(&stage->words, words->list[k].text);
        }
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
        for (size_t i = 0; r == 0 && command->helper_loaders != NULL && command->helper_loaders[i] != NULL; i++)
                r = strv_append(&stage->helper_loaders, command->helper_loaders[i]);
        for (size_t i = 0; r == 0 && rule->reads != NULL && rule->reads[i] != NULL; i++)
                r = strv_append(&stage->reads, rule->reads[i]);
        stage->lists = match->lists;
        stage->network = rule->network;
        stage->limits = rule->limits;
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

static int find_command(const struct question *question, struct decision *decision, const struct word *word,
                        const struct command **ret_command)
{
        const struct policy *policy = question->policy;
        const char *name = word->text;
        const struct command *command;

        if (word->assignment)
                return deny(decision, CODE_SYNTAX, 1, "%.100s: variables cannot be set here", name);
        command = strchr(name, '/') != NULL ? find_by_path(policy, name) : policy_command(policy, name);
        if (command == NULL)
                return help_deny_unknown(decision, 1, name);
        if (copy_text(command->name, &decision->rule) < 0)
                return -ENOMEM;
        if (command->program == NULL)
                return deny(decision, CODE_COMMAND, 1, "%s %s", command->name, command->problem);
        if (!key_has_command(question->key, command->name))
                return key_refuse(question->key, command->name, 1, decision);
        *ret_command = command;
        return 0;
}

static int decide_stage(const struct question *question, const struct words *words, struct decision *decision,
                        struct stage *stage, struct words *ret_files)
{
        struct match match = { .policy = question->policy,
                               .resolver = question->resolver,
                               .words = words,
                               .decision = decision,
                               .expand = globs_expand };
        int r = find_command(question, decision, &words->list[0], &match.command);

        if (r < 0)
                return r;
        r = match_words(&match);
        if (r == 0)
                r = match_check(&match);
        if (match.rule != NULL && r != -ENOMEM && copy_text(match.rule->name, &decision->rule) < 0)
                r = -ENOMEM;
        if (r == 0 && match.rule != NULL && !key_has_rule(question->key, match.rule->name))
                r = key_refuse(question->key, match.rule->name, 1, decision);
        if (r == 0 && match.command->through != NULL)
                r = through_take(&match, ret_files);
        if (r == 0 && match.rule != NULL)
                r = fill_stage(stage, &match, match.rule);
        match_clear(&match);
        return r;
}

/* The command that the files of stage *at go through, as a stage of its own before it. A key that has the one has the other in it. */
static int decide_files(const struct question *question, const struct words *files, struct decision *decision,
                        size_t *at)
{
        struct question any = *question;
        struct stage made = { 0 };
        struct words none = { 0 };
        int r;

        if (files->count == 0)
                return 0;
        any.key = NULL;
        r = decide_stage(&any, files, decision, &made, &none);
        if (r == 0)
                r = through_insert(decision, *at, &made);
        if (r == 0)
                (*at)++;
        if (r == -E2BIG)
                r = deny(decision, CODE_LIMIT, 0, "more than %d commands, with those that files go through",
                         DECIDE_STAGES_MOST);
        stage_clear(&made);
        return r;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static int deny_split(struct decision *decision, const struct words_error *error)
{
        int r = deny(decision, error->limit ? CODE_LIMIT : CODE_SYNTAX, 0, "%s",
                     error->reason.data == NULL ? "cannot be split" : error->reason.data);

        decision->position = error->position;
        if (r == -EACCES && error->hint != NULL && deny_hint(decision, "%s", error->hint) < 0)
                return -ENOMEM;
        return r;
}

/* "(word 3)" at the end of a reason means the third word of its stage. */
static int name_stage(struct decision *decision, size_t index)
{
        char *place = decision->reason == NULL ? NULL : strrchr(decision->reason, '(');
        cleanup_buf struct buf reason = BUF_INIT(REASON_MOST);

        if (decision->reason == NULL)
                return 0;
        if (place != NULL && strncmp(place, "(word ", 6) == 0)
                buf_printf(&reason, "%.*s(command %zu, %s", (int)(place - decision->reason), decision->reason,
                           index + 1, place + 1);
        else
                buf_printf(&reason, "%s (command %zu)", decision->reason, index + 1);
        if (reason.error != 0)
                return -ENOMEM;
        free(decision->reason);
        decision->reason = take_ptr(&reason.data);
        reason.size = 0;
        return 0;
}

/* Of a line that is denied nothing runs, also not what stands before the denied command; what is not in the line is gone. */
static void forget_argvs(struct decision *decision)
{
        size_t kept = 0;

        for (size_t i = 0; i < decision->stage_count; i++) {
                struct stage *stage = &decision->stages[i];

                strv_free(stage->argv);
                stage->argv = NULL;
                if (stage->made)
                        stage_clear(stage);
                else
                        decision->stages[kept++] = *stage;
        }
        decision->stage_count = kept;
}

static int decide_stages(const struct question *question, const struct line *line, struct decision *decision)
{
        int r = decision->stages == NULL ? -EINVAL : 0;
        size_t at = 0;

        for (size_t i = 0; r == 0 && i < line->count; i++, at++) {
                const struct words *words = &line->stages[i].words;
                cleanup_words struct words files = { 0 };

                (void)copy_text(NULL, &decision->rule); /* of the command before */
                r = decide_stage(question, words, decision, &decision->stages[at], &files);
                if (r == 0)
                        r = decide_files(question, &files, decision, &at);
                if (r != -EACCES)
                        continue;
                decision->stage = (unsigned)i + 1;
                forget_argvs(decision);
                decision_place(decision, words);
                if (line->count > 1 && name_stage(decision, i) < 0)
                        return -ENOMEM;
        }
        /* One that was made stands before the one that it was made for. */
        if (r == 0)
                r = copy_text(decision->stages[decision->stages[0].made ? 1 : 0].rule, &decision->rule);
        if (r == 0)
                decision->verdict = VERDICT_ALLOW;
        return r;
}

static int decide_line(const struct question *question, const struct line *line, struct decision *decision)
{
        return help_is_asked(question, line) ? help_decide(question, line, decision)
                                             : decide_stages(question, line, decision);
}

static int decide(const struct question *question, const struct policy_login *login, const char *text, size_t length,
                  struct decision *decision)
{
        cleanup_line struct line line = { 0 };
        struct words_error error = { 0 };
        int split = line_split(text, length, &line, &error);
        int r = split == -ENOMEM ? split : split == 0 ? add_stages(decision, &line) : 0;

        if (r == 0 && login != NULL)
                r = key_admit(question->policy, login, decision);
        if (r == 0 && split == -EINVAL)
                r = deny_split(decision, &error);
        else if (r == 0)
                r = decide_line(question, &line, decision);
        buf_free(&error.reason);
        return r;
}

int policy_decide(const struct policy *policy, const struct policy_login *login, const char *line, size_t length,
                  const struct path_resolver *resolver, struct decision **ret_decision)
{
        cleanup_decision struct decision *decision = calloc(1, sizeof(*decision));
        const struct question question = { .policy = policy,
                                           .resolver = resolver,
                                           .key = login != NULL ? key_find(policy, login->fingerprint) : NULL };
        int r = decision == NULL ? -ENOMEM : decide(&question, login, line, length, decision);

        if (r < 0 && r != -EACCES)
                return r;
        *ret_decision = take_ptr(&decision);
        return 0;
}

int decision_deny(struct decision *decision, enum decide_code code, const char *reason, const char *hint)
{
        free(decision->hint);
        decision->hint = NULL;
        forget_argvs(decision);
        if (deny(decision, code, 0, "%s", reason) != -EACCES)
                return -ENOMEM;
        return hint != NULL ? deny_hint(decision, "%s", hint) : 0;
}
