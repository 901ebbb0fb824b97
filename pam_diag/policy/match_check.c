#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/denial.h"
#include "pam_diag/policy/hosts.h"
#include "pam_diag/policy/match.h"
#include "pam_diag/policy/paths.h"

enum { WRONG_MOST = 16 * 1024 };

static int judge(struct match *match, const char *path, enum path_wish wish, struct buf *wrong, struct buf *hint)
{
        const struct path_question question = {
                .policy = match->policy, .resolver = match->resolver, .path = path, .wish = wish, .links = &match->links
        };
        bool listed = false;
        int r = path_judge(&question, wrong, hint, &listed);

        match->lists = match->lists || (r == 0 && listed);
        return r;
}

/* The directory that a pattern begins with: when it is denied, that is the reason. */
static int judge_directory(const struct match *match, const char *pattern, struct buf *wrong, struct buf *hint)
{
        struct path_question question = { .policy = match->policy, .resolver = match->resolver, .wish = PATH_LIST };
        cleanup_free char *directory = strndup(pattern, strcspn(pattern, "*?[\\{"));
        char *slash = directory == NULL ? NULL : strrchr(directory, '/');
        bool listed;
        int r;

        if (directory == NULL)
                return -ENOMEM;
        if (slash == NULL || slash == directory)
                return 0;
        *slash = '\0';
        question.path = directory;
        r = path_judge(&question, wrong, hint, &listed);
        if (r == -EPERM)
                return -EACCES;
        buf_clear(wrong);
        buf_clear(hint);
        return r == -ENOMEM ? r : 0;
}

/* The paths that a pattern stands for. What is denied is not in sight of the session, so it is none of them; its name is not told. */
static int judge_found(struct match *match, char *const *found, enum path_wish wish, struct given *given,
                       struct buf *wrong, struct buf *hint)
{
        cleanup_strv char **paths = NULL;
        int r = 0;

        for (; r == 0 && *found != NULL; found++) {
                r = judge(match, *found, wish, wrong, hint);
                if (r == 0)
                        r = strv_append(&paths, *found);
                if (r == -EPERM) {
                        buf_clear(wrong);
                        buf_clear(hint);
                        r = 0;
                }
        }
        if (r == 0 && paths == NULL) {
                buf_printf(wrong, "%.200s matches nothing that may be seen", given->value);
                r = -EACCES;
        }
        if (r == 0)
                given->paths = take_ptr(&paths);
        return r;
}

/* A pattern is expanded where it is an operand, and each path is judged. */
static int check_pattern(struct match *match, enum path_wish wish, struct given *given, struct buf *wrong,
                         struct buf *hint)
{
        cleanup_strv char **found = NULL;
        int r;

        if (match->expand == NULL || given->type != NULL) {
                buf_printf(wrong, "%.200s: patterns are not expanded here", given->value);
                buf_put_text(hint, "name each path in full, or list its directory");
                return -EACCES;
        }
        r = judge_directory(match, given->word->pattern, wrong, hint);
        if (r == 0)
                r = match->expand(match, given->word, &found, wrong, hint);
        return r < 0 ? r : judge_found(match, found, wish, given, wrong, hint);
}

/* A stage works in an empty directory of its own, which it may list as it does without an operand. */
static bool is_own_directory(const char *value)
{
        return strcmp(value, ".") == 0 || strcmp(value, "./") == 0;
}

static int check_path(struct match *match, enum path_wish wish, struct given *given, struct buf *wrong,
                      struct buf *hint)
{
        int r;

        if (given->word->glob)
                return check_pattern(match, wish, given, wrong, hint);
        if (wish == PATH_LIST && is_own_directory(given->value))
                return 0;
        r = judge(match, given->value, wish, wrong, hint);
        return r == -EPERM ? -EACCES : r;
}

/* Against one alternative. 0; with the sentence -EPERM when the policy keeps the value back, -EACCES for every other reason; -ENOMEM. */
static int check_one(struct match *match, const struct type *type, struct given *given, struct buf *wrong,
                     struct buf *hint)
{
        if (type_is_path(type))
                return check_path(match, type->kind == TYPE_PATH_LIST ? PATH_LIST : PATH_READ, given, wrong, hint);
        buf_printf(wrong, "%.200s ", *given->value == '\0' ? "an empty word" : given->value);
        if (type_check_one(type, given->value, wrong) < 0)
                return -EACCES;
        buf_clear(wrong);
        return type->kind == TYPE_HOST ? host_judge(match->policy, given->value, wrong, hint) : 0;
}

static void move_text(struct buf *to, struct buf *from)
{
        buf_free(to);
        *to = *from;
        *from = BUF_INIT(WRONG_MOST);
}

/* Against each alternative; the sentence of the last is shown. */
static int check_value(struct match *match, const struct type *type, struct given *given)
{
        cleanup_buf struct buf wrong = BUF_INIT(WRONG_MOST);
        cleanup_buf struct buf hint = BUF_INIT(WRONG_MOST);
        enum decide_code code = given->type != NULL ? CODE_VALUE : CODE_OPERAND;
        const char *name = given->name != NULL ? given->name : "";
        int r = -EACCES;

        /* What the policy keeps back says more than that the value is nothing else either. */
        for (; r == -EACCES && type != NULL; type = type->next) {
                cleanup_buf struct buf why = BUF_INIT(WRONG_MOST);
                cleanup_buf struct buf what = BUF_INIT(WRONG_MOST);

                r = check_one(match, type, given, &why, &what);
                if (r == 0 || r == -ENOMEM)
                        return r;
                if (code != CODE_REFUSED) {
                        move_text(&wrong, &why);
                        move_text(&hint, &what);
                }
                if (r == -EPERM)
                        code = CODE_REFUSED;
                else if (type_is_path(type) && code != CODE_REFUSED)
                        code = CODE_PATH;
                r = -EACCES;
        }
        r = deny(match->decision, code, given->number, "%s%s%s (word %u)", name, *name != '\0' ? ": " : "",
                 wrong.error == 0 ? wrong.data : "the value is too long", given->number);
        if (hint.length > 0 && deny_hint(match->decision, "%s", hint.data) < 0)
                return -ENOMEM;
        return r;
}

static bool is_given(const struct match *match, char *const *names)
{
        for (size_t i = 0; i < match->given_count; i++)
                if (match->given[i].kind == GIVEN_OPTION)
                        for (size_t k = 0; match->given[i].option->names[k] != NULL; k++)
                                if (strv_has(names, match->given[i].option->names[k],
                                             strlen(match->given[i].option->names[k])))
                                        return true;
        return false;
}

/* --- options ------------------------------------------------------------------------------------------------------ */

/* With DISPATCH_PERMUTE the option was found before the sub-command was known; with DISPATCH_STOP the family's own options
 * stand before it. */
static int settle(struct match *match, size_t index)
{
        struct given *given = &match->given[index];
        const struct rule *rule = index < match->before_verb ? &match->command->base : match->rule;
        const struct refusal *refusal;
        const struct option *option;

        if (given->kind != GIVEN_OPTION)
                return 0;
        refusal = rule_refusal(rule, given->name, strlen(given->name));
        if (refusal != NULL)
                return deny(match->decision, CODE_REFUSED, given->number, "%s: %s (word %u)", given->name,
                            refusal->reason, given->number);
        option = rule_option(rule, given->name);
        if (option == NULL || option->arity != given->option->arity)
                return deny(match->decision, CODE_OPTION, given->number, "%s does not go with %s (word %u)",
                            given->name, rule->name, given->number);
        given->option = option;
        given->type = given->value == NULL ? NULL : option->type;
        return 0;
}

static int check_once(const struct match *match, size_t index)
{
        const struct given *given = &match->given[index];

        if (given->kind != GIVEN_OPTION || !given->option->once)
                return 0;
        for (size_t i = 0; i < index; i++)
                if (match->given[i].kind == GIVEN_OPTION && match->given[i].option == given->option)
                        return deny(match->decision, CODE_OPTION, given->number, "%s can be given once (word %u)",
                                    given->name, given->number);
        return 0;
}

static int check_option(struct match *match, size_t index)
{
        struct given *given = &match->given[index];
        int r = settle(match, index);

        if (r == 0)
                r = check_once(match, index);
        if (r < 0 || given->value == NULL)
                return r;
        /* An empty value cannot be told from none where the value is optional. */
        if (*given->value == '\0' && given->kind == GIVEN_OPTION && given->option->arity != ARITY_REQUIRED)
                return deny(match->decision, CODE_VALUE, given->number, "%s: the value is empty (word %u)", given->name,
                            given->number);
        return check_value(match, given->type, given);
}

static int check_exclusive(const struct match *match, char *const *names)
{
        const struct given *first = NULL;

        for (size_t i = 0; i < match->given_count; i++) {
                const struct given *given = &match->given[i];

                if (given->kind != GIVEN_OPTION ||
                    !strv_has(names, given->option->names[0], strlen(given->option->names[0])))
                        continue;
                if (first != NULL && first->option != given->option)
                        return deny(match->decision, CODE_OPTION, given->number,
                                    "%s and %s do not go together (word %u)", first->name, given->name, given->number);
                first = given;
        }
        return 0;
}

/* Where a reason is written, it is a refusal: what is asked for is more than may be shown. */
static int check_require(const struct match *match, size_t index)
{
        const struct rule *rule = match->rule;
        const char *reason = rule->require_reasons[index];
        const char *name = rule->require[index][0];

        if (is_given(match, rule->require[index]))
                return 0;
        if (*reason == '\0')
                return deny(match->decision, CODE_OPTION, 0, "%s needs %s here", rule->name, name);
        return deny(match->decision, CODE_REFUSED, 0, "%s without %s: %s", rule->name, name, reason);
}

static int check_groups(const struct match *match)
{
        const struct rule *rule = match->rule;
        int r = 0;

        for (size_t i = 0; r == 0 && rule->exclusive != NULL && rule->exclusive[i] != NULL; i++)
                r = check_exclusive(match, rule->exclusive[i]);
        for (size_t i = 0; r == 0 && rule->require != NULL && rule->require[i] != NULL; i++)
                r = check_require(match, i);
        /* ps falls back from one reading of its words to the other: only one kind is given to it. */
        for (size_t i = 0; r == 0 && match->letters.length > 0 && i < match->given_count; i++)
                if (match->given[i].kind == GIVEN_OPTION && match->given[i].option->names[0][1] != '-')
                        r = deny(match->decision, CODE_OPTION, match->given[i].number,
                                 "%s does not go with %s (word %u)", match->given[i].name, match->letters.data,
                                 match->given[i].number);
        return r;
}

/* --- operands ----------------------------------------------------------------------------------------------------- */

static int refuse_count(const struct match *match, size_t low, size_t high)
{
        const char *name = match->rule->name;
        const struct given *extra = match->operand_count > high ? &match->operands[high] : NULL;

        if (extra == NULL)
                return deny(match->decision, CODE_OPERAND, 0, "%s needs %zu operand%s", name, low, low == 1 ? "" : "s");
        if (high == 0)
                return deny(match->decision, CODE_OPERAND, extra->number, "%s takes no operand: %.200s (word %u)", name,
                            extra->value, extra->number);
        return deny(match->decision, CODE_OPERAND, extra->number, "%s takes at most %zu operand%s (word %u)", name,
                    high, high == 1 ? "" : "s", extra->number);
}

/* Each kind of operand takes as many as it may, but leaves the later ones what they need. */
static int check_operands(struct match *match)
{
        const struct rule *rule = match->rule;
        size_t low = 0;
        size_t high = 0;
        size_t at = 0;
        int r = 0;

        for (size_t i = 0; i < rule->operand_count; i++)
                if (!is_given(match, rule->operands[i].unless)) {
                        low += rule->operands[i].low;
                        high += rule->operands[i].high;
                }
        if (match->operand_count < low || match->operand_count > high)
                return refuse_count(match, low, high);
        for (size_t i = 0; r == 0 && i < rule->operand_count; i++) {
                const struct operand *operand = &rule->operands[i];
                size_t take;

                match->files_at = at;
                if (is_given(match, operand->unless))
                        continue;
                low -= operand->low;
                take = match->operand_count - at - low;
                take = take > operand->high ? operand->high : take;
                for (; r == 0 && take > 0; take--)
                        r = check_value(match, operand->type, &match->operands[at++]);
        }
        return r;
}

/* What the program reads when it is given nothing. `.` is the stage's own directory, which is empty. */
static int check_implicit(struct match *match)
{
        char *const *paths = match->rule->implicit;
        cleanup_buf struct buf wrong = BUF_INIT(WRONG_MOST);
        cleanup_buf struct buf hint = BUF_INIT(WRONG_MOST);
        int r = 0;

        if (match->operand_count > 0)
                return 0;
        for (; r == 0 && paths != NULL && *paths != NULL; paths++)
                if (strcmp(*paths, ".") != 0)
                        r = judge(match, *paths, PATH_READ, &wrong, &hint);
        if (r != -EACCES && r != -EPERM)
                return r;
        r = deny(match->decision, CODE_PATH, 0, "without an operand %s reads a file: %s", match->rule->name,
                 wrong.error == 0 ? wrong.data : "not allowed");
        return r == -EACCES && hint.length > 0 && deny_hint(match->decision, "%s", hint.data) < 0 ? -ENOMEM : r;
}

static int add_hint(const struct match *match)
{
        struct decision *decision = match->decision;

        if (decision->hint != NULL || decision->code == CODE_PATH ||
            (decision->code == CODE_REFUSED && match->rule->hint == NULL))
                return 0;
        if (match->rule->hint != NULL)
                return deny_hint(decision, "%s", match->rule->hint);
        return deny_hint(decision, "help %s shows what may be written", match->rule->name);
}

int match_check(struct match *match)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < match->given_count; i++)
                r = check_option(match, i);
        if (r == 0)
                r = check_groups(match);
        if (r == 0)
                r = check_operands(match);
        if (r == 0)
                r = check_implicit(match);
        return r == -EACCES && add_hint(match) < 0 ? -ENOMEM : r;
}
