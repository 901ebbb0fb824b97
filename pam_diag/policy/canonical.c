#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/match.h"

enum { ARGUMENT_MOST = 256 * 1024 };

static int append_all(char ***argv, char *const *words)
{
        int r = 0;

        for (size_t i = 0; r == 0 && words != NULL && words[i] != NULL; i++)
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

/* The first spelling, the value where no reading of the program can take it for anything else: glued to a long name,
 * a word of its own behind a short one that requires it, glued to a short one that does not. */
static int append_option(char ***argv, const struct given *given)
{
        const char letter[2] = { given->letter, '\0' };
        const char *name = given->option == NULL ? letter : given->option->names[0];
        int r;

        if (given->value == NULL)
                return strv_append(argv, name);
        if (name[0] == '-' && name[1] == '-')
                return append_joined(argv, name, "=", given->value);
        if (given->option != NULL && given->option->arity != ARITY_REQUIRED)
                return append_joined(argv, name, "", given->value);
        r = strv_append(argv, name);
        return r < 0 ? r : strv_append(argv, given->value);
}

/* A flag that the profile prepends is there already. */
static bool is_prepended(const struct match *match, const struct given *given)
{
        const char *name = given->option == NULL ? NULL : given->option->names[0];

        return name != NULL && given->value == NULL &&
               (strv_has(match->rule->prepend, name, strlen(name)) ||
                strv_has(match->command->base.prepend, name, strlen(name)));
}

static int append_options(const struct match *match, size_t from, size_t to, char ***argv)
{
        int r = 0;

        for (size_t i = from; r == 0 && i < to; i++)
                if (!is_prepended(match, &match->given[i]))
                        r = append_option(argv, &match->given[i]);
        return r;
}

static int append_head(const struct match *match, char ***argv)
{
        const struct rule *rule = match->rule;
        const struct rule *base = &match->command->base;
        int r = strv_append(argv, match->command->name);

        if (r == 0)
                r = append_all(argv, base->prepend);
        if (r == 0 && rule != base)
                r = append_all(argv, rule->prepend);
        if (r == 0)
                r = append_options(match, 0, match->before_verb, argv);
        for (size_t i = 0; r == 0 && rule->verbs != NULL && rule->verbs[i] != NULL; i++)
                r = strv_append(argv, rule->verbs[i][0]);
        if (r == 0)
                r = append_all(argv, base->append);
        if (r == 0 && rule != base)
                r = append_all(argv, rule->append);
        return r;
}

int match_canonical(const struct match *match, char ***ret_argv)
{
        cleanup_strv char **argv = NULL;
        bool dashes = false;
        int r = append_head(match, &argv);

        if (r == 0 && match->letters.length > 0)
                r = strv_append(&argv, match->letters.data);
        if (r == 0)
                r = append_options(match, match->before_verb, match->given_count, &argv);
        for (size_t i = 0; i < match->operand_count; i++)
                dashes = dashes || match->operands[i].value[0] == '-';
        if (r == 0 && dashes)
                r = strv_append(&argv, "--");
        for (size_t i = 0; r == 0 && i < match->operand_count; i++)
                r = strv_append(&argv, match->operands[i].value);
        if (r < 0)
                return r;
        *ret_argv = take_ptr(&argv);
        return 0;
}
