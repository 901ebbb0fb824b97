#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/match.h"

enum { ARGUMENT_MOST = 256 * 1024 };

static int append_all(char ***argv, char *const *words)
{
        int r = 0;

        for (size_t i = 0; r == 0 && words[i] != NULL; i++)
                r = strv_append(argv, words[i]);
        return r;
}

static int append_joined(char ***argv, const char *name, const char *between, const char *value)
{
        cleanup_buf struct buf word = BUF_INIT(ARGUMENT_MOST);

        buf_put_text(&word, name);
        buf_put_text(&word, between);
        buf_put_text(&word, value);
        return word.error != 0 ? word.error : strv_append(argv, word.data);
}

static int append_separate(char ***argv, const char *name, const char *value)
{
        int r = strv_append(argv, name);

        return r < 0 ? r : strv_append(argv, value);
}

/* The first spelling, the value where no reading of the program can take it for anything else: glued to a long name,
 * a word of its own behind a short one that requires it, glued to a short one that does not. Programs with a dash for
 * whole words know no glued values, but for -name[=value]. */
static int append_option(const struct match *match, const struct given *given, char ***argv)
{
        enum style style = match->command->style;
        const char *name = given->option->names[0];
        bool required = given->option->arity == ARITY_REQUIRED;

        if (given->value == NULL)
                return strv_append(argv, name);
        if (given->option->keyword)
                return append_separate(argv, name, given->value);
        if (style == STYLE_DASHWORD || style == STYLE_FIND)
                return required ? append_separate(argv, name, given->value)
                                : append_joined(argv, name, "=", given->value);
        if (name[0] == '@')
                return append_joined(argv, name, "", given->value);
        if (style == STYLE_DIG && name[0] == '+')
                return append_joined(argv, name, "=", given->value);
        if (name[0] == '-' && name[1] == '-')
                return append_joined(argv, name, "=", given->value);
        return required ? append_separate(argv, name, given->value) : append_joined(argv, name, "", given->value);
}

static int append_given(const struct match *match, const struct given *given, char ***argv)
{
        const char letter[2] = { given->letter, '\0' };

        switch (given->kind) {
        case GIVEN_OPTION:
                return append_option(match, given, argv);
        case GIVEN_LETTER:
                return append_separate(argv, letter, given->value);
        case GIVEN_MORE:
                return strv_append(argv, given->value);
        default:
                return strv_append(argv, given->name);
        }
}

static bool is_fixed_flag(const struct match *match, const struct given *given)
{
        const struct rule *rules[] = { match->rule, &match->command->base };
        const char *name;

        if (given->kind != GIVEN_OPTION || given->value != NULL || given->option->keyword)
                return false;
        name = given->option->names[0];
        for (size_t i = 0; i < 2; i++)
                if (strv_has(rules[i]->prepend, name, strlen(name)) || strv_has(rules[i]->append, name, strlen(name)))
                        return true;
        return false;
}

static int append_options(const struct match *match, size_t from, size_t to, char ***argv)
{
        int r = 0;

        for (size_t i = from; r == 0 && i < to; i++)
                if (!is_fixed_flag(match, &match->given[i]))
                        r = append_given(match, &match->given[i], argv);
        return r;
}

/* Was the option of that name given; with a value? */
static bool is_given(const struct match *match, const char *name, size_t length, bool with_value)
{
        for (size_t i = 0; i < match->given_count; i++)
                if (match->given[i].kind == GIVEN_OPTION && (match->given[i].value != NULL || !with_value) &&
                    strv_has(match->given[i].option->names, name, length))
                        return true;
        return false;
}

/* Words that the profile adds. A flag among them stands here, wherever it was given; an option with its value, which is
 * the next word, or glued by `=`, gives way to the one that was given, which the option's type bounds. */
static int append_fixed(const struct match *match, char *const *words, char ***argv)
{
        int r = 0;

        for (size_t i = 0; r == 0 && words != NULL && words[i] != NULL; i++) {
                size_t n = strcspn(words[i], "=");

                if (!is_given(match, words[i], n, true))
                        r = strv_append(argv, words[i]);
                else if (words[i][n] == '\0' && words[i + 1] != NULL)
                        i++;
        }
        return r;
}

/* Was the option of that name given with one of the values? */
static bool has_value(const struct match *match, const struct implied *implied)
{
        for (size_t i = 0; i < match->given_count; i++) {
                const struct given *given = &match->given[i];

                if (given->kind == GIVEN_OPTION && given->value != NULL &&
                    strv_has(given->option->names, implied->option, strlen(implied->option)) &&
                    strv_has(implied->values, given->value, strlen(given->value)))
                        return true;
        }
        return false;
}

static int append_implied(const struct match *match, char ***argv, bool *ret_any)
{
        const struct rule *rule = match->rule;
        bool any = false;
        int r = 0;

        for (size_t i = 0; i < rule->implied_count; i++) {
                char *const *words = rule->implied[i].words;

                for (; r == 0 && has_value(match, &rule->implied[i]) && *words != NULL; words++)
                        if (!is_given(match, *words, strcspn(*words, "="), false)) {
                                r = strv_append(argv, *words);
                                any = true;
                        }
        }
        if (r == 0)
                *ret_any = any;
        return r;
}

static int append_head(const struct match *match, char ***argv)
{
        const struct rule *rule = match->rule;
        const struct rule *base = &match->command->base;
        int r = strv_append(argv, match->command->name);

        if (r == 0)
                r = append_fixed(match, base->prepend, argv);
        if (r == 0 && rule != base)
                r = append_fixed(match, rule->prepend, argv);
        if (r == 0)
                r = append_options(match, 0, match->before_verb, argv);
        for (size_t i = 0; r == 0 && rule->verbs != NULL && rule->verbs[i] != NULL; i++)
                r = strv_append(argv, rule->verbs[i][0]);
        if (r == 0)
                r = append_fixed(match, base->append, argv);
        if (r == 0 && rule != base)
                r = append_fixed(match, rule->append, argv);
        return r;
}

/* Must `--` stand before the operands? When one looks like an option, or the last option would take it for its value: that one's own, if no
 * implied words stand between. */
static bool needs_dashes(const struct match *match, bool implied)
{
        enum style style = match->command->style;
        bool plus = style == STYLE_LSOF;

        if (match->operand_count == 0 || style == STYLE_DASHWORD || style == STYLE_DIG || style == STYLE_ECHO)
                return false;
        for (size_t i = 0; i < match->operand_count; i++)
                if (match->operands[i].value[0] == '-' || (plus && match->operands[i].value[0] == '+'))
                        return true;
        if (implied)
                return false;
        for (size_t i = match->given_count; i-- > match->before_verb;) {
                const struct given *last = &match->given[i];

                if (is_fixed_flag(match, last))
                        continue;
                if (last->kind != GIVEN_OPTION || last->value != NULL)
                        return false;
                return last->option->arity == ARITY_NEXT ||
                       (last->option->arity == ARITY_SHAPE &&
                        type_has_shape(last->option->type, match->operands[0].value));
        }
        return false;
}

static int append_operands(const struct match *match, char ***argv)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < match->operand_count; i++) {
                const struct given *operand = &match->operands[i];

                r = operand->paths != NULL ? append_all(argv, operand->paths) : strv_append(argv, operand->value);
        }
        return r;
}

int match_canonical(const struct match *match, char ***ret_argv)
{
        cleanup_strv char **argv = NULL;
        bool first = match->command->style == STYLE_FIND;
        bool implied = false;
        int r = append_head(match, &argv);

        if (r == 0 && match->letters.length > 0)
                r = strv_append(&argv, match->letters.data);
        if (r == 0 && first)
                r = append_operands(match, &argv);
        if (r == 0)
                r = append_options(match, match->before_verb, match->given_count, &argv);
        if (r == 0)
                r = append_implied(match, &argv, &implied);
        if (r == 0 && !first && needs_dashes(match, implied))
                r = strv_append(&argv, "--");
        if (r == 0 && !first)
                r = append_operands(match, &argv);
        if (r < 0)
                return r;
        *ret_argv = take_ptr(&argv);
        return 0;
}
