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
        const struct token *token = &match->tokens[*at];
        struct given given = { .kind = GIVEN_LETTER, .word = token->word, .number = token->number };

        for (const char *c = token->text; *c != '\0'; c++) {
                const struct letters *letters = find_letter(match->rule, *c);
                const struct refusal *refusal = rule_refusal(match->rule, c, 1);

                if (refusal != NULL)
                        return match_refuse(match, refusal, given.number, c, 1);
                if (letters == NULL)
                        return deny(match->decision, CODE_OPTION, given.number,
                                    "%c of %s is not an option here (word %u)", *c, token->text, given.number);
                if (letters->type == NULL) {
                        if (match->letters.length == 0 || strchr(match->letters.data, *c) == NULL)
                                buf_put_char(&match->letters, *c);
                        continue;
                }
                given.letter = *c;
                given.type = letters->type;
                given.value = c[1] != '\0' ? c + 1 : NULL;
                if (given.value == NULL && *at + 1 < match->token_count) {
                        token = &match->tokens[++*at];
                        given.value = token->text;
                        given.word = token->word;
                        given.number = token->number;
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

        for (; rule->verbs[i] != NULL; i++) {
                if (i > 0 && i == match->operand_count && rule->may_stop_short && rule->verbs[i + 1] == NULL)
                        return i;
                if (i >= match->operand_count ||
                    !strv_has(rule->verbs[i], match->operands[i].value, strlen(match->operands[i].value)))
                        return 0;
        }
        return i;
}

/* How many of its words stand at the beginning of the operands. */
static size_t common_words(const struct match *match, const struct rule *rule)
{
        size_t n = 0;

        while (n < match->operand_count && rule->verbs[n] != NULL &&
               strv_has(rule->verbs[n], match->operands[n].value, strlen(match->operands[n].value)))
                n++;
        return n;
}

/* A refused word: the first, or the last of those that a sub-command which refuses it has too (ip link set). */
static const struct refusal *find_refused_verb(const struct match *match, size_t *ret_index)
{
        const struct command *command = match->command;
        const char *verb = match->operands[0].value;
        const struct refusal *refusal = rule_refusal(&command->base, verb, strlen(verb));

        *ret_index = 0;
        for (size_t i = 0; refusal == NULL && i < command->sub_count; i++) {
                const struct rule *rule = &command->subs[i];
                size_t n = common_words(match, rule);

                if (n == 0 || n >= match->operand_count || rule->verbs[n] == NULL || rule->verbs[n + 1] != NULL)
                        continue;
                *ret_index = n;
                verb = match->operands[n].value;
                refusal = rule_refusal(rule, verb, strlen(verb));
        }
        return refusal;
}

/* Names the words up to the first that no sub-command has there. */
static int refuse_unknown_verb(const struct match *match)
{
        cleanup_buf struct buf verbs = BUF_INIT((size_t)2 * DECIDE_LINE_MOST);
        size_t wrong = 0;

        for (size_t i = 0; i < match->command->sub_count; i++) {
                size_t n = common_words(match, &match->command->subs[i]);

                wrong = n > wrong ? n : wrong;
        }
        wrong = wrong < match->operand_count ? wrong : match->operand_count - 1;
        for (size_t i = 0; i <= wrong; i++)
                buf_printf(&verbs, "%s%.100s", i > 0 ? " " : "", match->operands[i].value);
        return verbs.error != 0 ? verbs.error
                                : deny(match->decision, CODE_OPERAND, match->operands[wrong].number,
                                       "%s is no sub-command that may run here (word %u)", verbs.data,
                                       match->operands[wrong].number);
}

static int refuse_verb(struct match *match)
{
        const struct command *command = match->command;
        cleanup_buf struct buf list = BUF_INIT(512);
        size_t index = 0;
        const struct refusal *refusal = match->operand_count == 0 ? NULL : find_refused_verb(match, &index);
        int r;

        if (refusal != NULL)
                return match_refuse(match, refusal, match->operands[index].number, match->operands[index].value,
                                    strlen(match->operands[index].value));
        for (size_t i = 0; command->subs != NULL && i < command->sub_count; i++)
                buf_printf(&list, "%s %s", i > 0 ? "," : "", command->subs[i].name + strlen(command->name) + 1);
        if (match->operand_count == 0)
                r = deny(match->decision, CODE_OPERAND, 0, "%s needs a sub-command", command->name);
        else
                r = refuse_unknown_verb(match);
        if (r == -EACCES && list.error == 0 && deny_hint(match->decision, "%s:%s", command->name, list.data) < 0)
                return -ENOMEM;
        return r;
}

int match_choose(struct match *match, size_t *ret_words)
{
        const struct command *command = match->command;

        *ret_words = 0;
        for (size_t i = 0; i < command->sub_count; i++) {
                const struct rule *rule = &command->subs[i];
                size_t n = match_verbs(match, rule);

                if (match->operand_count == 0 && command->verb != NULL && rule->verbs[1] == NULL &&
                    strv_has(rule->verbs[0], command->verb, strlen(command->verb)))
                        match->rule = rule;
                if (n > *ret_words) {
                        *ret_words = n;
                        match->rule = rule;
                }
        }
        if (match->rule == NULL)
                return refuse_verb(match);
        if (*ret_words == 0)
                return 0;
        match->operand_count -= *ret_words;
        memmove(match->operands, match->operands + *ret_words, match->operand_count * sizeof(*match->operands));
        return 0;
}
