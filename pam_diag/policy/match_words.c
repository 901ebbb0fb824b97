#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/match.h"

/* --- BSD letters -------------------------------------------------------------------------------------------------- */

static const struct letters *find_letter(const struct rule *rule, char letter)
{
        for (size_t i = 0; i < rule->letters_count; i++)
                if (strchr(rule->letters[i].letters, letter) != NULL)
                        return &rule->letters[i];
        return NULL;
}

int match_letters(struct match *match, size_t *at)
{
        const struct word *word = &match->words->list[*at];
        struct given given = { .word = word, .number = (unsigned)*at + 1 };

        for (const char *c = word->text; *c != '\0'; c++) {
                const struct letters *letters = find_letter(match->rule, *c);
                const struct refusal *refusal = rule_refusal(match->rule, c, 1);

                if (refusal != NULL)
                        return match_refuse(match, refusal, given.number, c, 1);
                if (letters == NULL)
                        return deny(match->decision, CODE_OPTION, given.number,
                                    "%c of %s is not an option here (word %u)", *c, word->text, given.number);
                if (letters->type == NULL) {
                        if (match->letters.length == 0 || strchr(match->letters.data, *c) == NULL)
                                buf_put_char(&match->letters, *c);
                        continue;
                }
                given.letter = *c;
                given.type = letters->type;
                given.value = c[1] != '\0' ? c + 1 : NULL;
                if (given.value == NULL && *at + 1 < match->words->count) {
                        given.word = &match->words->list[++*at];
                        given.value = given.word->text;
                        given.number++;
                }
                if (given.value == NULL)
                        return deny(match->decision, CODE_OPTION, given.number, "%c needs a value (word %u)", *c,
                                    given.number);
                return match_push(match, &given);
        }
        return match->letters.error;
}

bool match_is_letters(const struct match *match, const char *text)
{
        return match->rule != NULL && match->rule->letters_count > 0 &&
               ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z'));
}

/* --- sub-commands -------------------------------------------------------------------------------------------------- */

/* How many operands the sub-command's words match; 0: it is another one. */
static size_t match_verbs(const struct match *match, const struct rule *rule)
{
        size_t i = 0;

        for (; rule->verbs[i] != NULL; i++)
                if (i >= match->operand_count ||
                    !strv_has(rule->verbs[i], match->operands[i].value, strlen(match->operands[i].value)))
                        return 0;
        return i;
}

static int refuse_verb(struct match *match)
{
        const struct command *command = match->command;
        const char *verb = match->operand_count > 0 ? match->operands[0].value : NULL;
        const struct refusal *refusal = verb == NULL ? NULL : rule_refusal(&command->base, verb, strlen(verb));
        cleanup_buf struct buf list = BUF_INIT(512);
        int r;

        if (refusal != NULL)
                return match_refuse(match, refusal, match->operands[0].number, verb, strlen(verb));
        for (size_t i = 0; command->subs != NULL && i < command->sub_count; i++)
                buf_printf(&list, " %s", command->subs[i].name + strlen(command->name) + 1);
        if (verb == NULL)
                r = deny(match->decision, CODE_OPERAND, 0, "%s needs a sub-command", command->name);
        else
                r = deny(match->decision, CODE_OPERAND, match->operands[0].number,
                         "%s is no sub-command that may run here (word %u)", verb, match->operands[0].number);
        if (r == -EACCES && list.error == 0 && deny_hint(match->decision, "%s:%s", command->name, list.data) < 0)
                return -ENOMEM;
        return r;
}

/* The sub-command with the most words that fits; its words are taken off the operands. */
int match_choose(struct match *match)
{
        const struct command *command = match->command;
        size_t best = 0;

        for (size_t i = 0; i < command->sub_count; i++) {
                const struct rule *rule = &command->subs[i];
                size_t n = match_verbs(match, rule);

                if (match->operand_count == 0 && command->verb != NULL && rule->verbs[1] == NULL &&
                    strv_has(rule->verbs[0], command->verb, strlen(command->verb)))
                        match->rule = rule;
                if (n > best) {
                        best = n;
                        match->rule = rule;
                }
        }
        if (match->rule == NULL)
                return refuse_verb(match);
        if (best == 0)
                return 0;
        match->operand_count -= best;
        memmove(match->operands, match->operands + best, match->operand_count * sizeof(*match->operands));
        return 0;
}
