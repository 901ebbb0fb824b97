#include "pam_diag/policy/help_decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/help.h"
#include "pam_diag/policy/keys.h"

int help_deny_unknown(struct decision *decision, unsigned word, const char *name)
{
        const char *instead = help_instead(name);
        int r = deny(decision, CODE_COMMAND, word, "%.100s has no rule", *name == '\0' ? "an empty word" : name);

        if (r == -EACCES && deny_hint(decision, "%s", instead != NULL ? instead : "help lists what may run here") < 0)
                return -ENOMEM;
        return r;
}

/* `asked` begins with the command's name; its first word is number `first` of the line. The answer is for the person who asks: a command that
 * the key does not have is not explained either. */
static int answer_help(const struct question *question, const struct word *asked, size_t count, unsigned first,
                       struct decision *decision)
{
        const char *name = asked[0].text;
        const struct command *command = policy_command(question->policy, name);
        cleanup_strv char **words = NULL;
        int r = 0;

        if (command == NULL)
                return help_deny_unknown(decision, first, name);
        if (!key_has_command(question->key, name))
                return key_refuse(question->key, name, first, decision);
        for (size_t i = 1; r == 0 && i < count; i++)
                r = strv_append(&words, asked[i].text);
        if (r == 0)
                r = help_command(command, words, &decision->text);
        if (r == -ENOENT)
                return deny(decision, CODE_COMMAND, first + 1, "%s has no sub-command %.100s", name, asked[1].text);
        if (r == 0)
                decision->verdict = VERDICT_HELP;
        return r;
}

static int decide_help(const struct question *question, const struct line *line, struct decision *decision)
{
        const struct words none = { 0 };
        const struct words *words = line->count > 0 ? &line->stages[0].words : &none;
        int r;

        if (line->count > 1)
                r = deny(decision, CODE_PIPELINE, 0, "help stands alone in its line");
        else if (words->count < 2)
                r = help_list(question->policy, question->key, &decision->text);
        else
                r = answer_help(question, words->list + 1, words->count - 1, 2, decision);
        if (r == 0)
                decision->verdict = VERDICT_HELP;
        if (r == -EACCES)
                decision_place(decision, words);
        return r;
}

/* `COMMAND --help`, where the profile has no such option: what may be written here, instead of what the tool could do elsewhere. */
static bool asks_for_help(const struct question *question, const struct line *line)
{
        const struct words *words = &line->stages[0].words;
        const struct command *command;

        if (line->count != 1 || words->count < 2 || strcmp(words->list[words->count - 1].text, "--help") != 0)
                return false;
        command = policy_command(question->policy, words->list[0].text);
        return command != NULL && option_find(command->all, command->all_count, "--help", strlen("--help")) == NULL;
}

static bool is_help(const struct line *line)
{
        return line->count == 0 || strcmp(line->stages[0].words.list[0].text, "help") == 0;
}

bool help_is_asked(const struct question *question, const struct line *line)
{
        return is_help(line) || asks_for_help(question, line);
}

int help_decide(const struct question *question, const struct line *line, struct decision *decision)
{
        const struct words *words = &line->stages[0].words;
        int r;

        if (is_help(line))
                return decide_help(question, line, decision);
        r = answer_help(question, words->list, words->count - 1, 1, decision);
        if (r == -EACCES)
                decision_place(decision, words);
        return r;
}
