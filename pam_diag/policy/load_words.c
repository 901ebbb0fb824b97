#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/load.h"

/* --- [types] ------------------------------------------------------------------------------------------------------- */

void load_types_drop(struct load *load, size_t keep)
{
        struct type_names *types = &load->types;

        while (types->count > keep) {
                types->count--;
                free(types->list[types->count].name);
                free(types->list[types->count].text);
        }
}

static bool has_type(const struct type_names *types, const char *name)
{
        for (size_t i = 0; i < types->count; i++)
                if (strcmp(types->list[i].name, name) == 0)
                        return true;
        return false;
}

int load_types_item(struct load *load, const struct ini_item *item)
{
        struct type_names *types = &load->types;
        cleanup_type struct type *type = NULL;
        struct type_name *larger;
        int r;

        if (type_is_kind(item->key) || has_type(types, item->key)) {
                LOAD_ERROR(load, item, item->column, "the type %s is there already", item->key);
                return 0;
        }
        /* What is wrong with it is told once, at its own place. */
        r = load_type(load, item, item->value, &type);
        if (r < 0 || type == NULL)
                return r;
        larger = load_grow(types->list, types->count, sizeof(*larger));
        if (larger == NULL)
                return -ENOMEM;
        types->list = larger;
        larger[types->count] = (struct type_name){ .name = strdup(item->key), .text = strdup(item->value) };
        types->count++;
        return larger[types->count - 1].name == NULL || larger[types->count - 1].text == NULL ? -ENOMEM : 0;
}

/* --- keywords ------------------------------------------------------------------------------------------------------ */

/* The text up to ` then ` between blanks; *at moves behind it, to NULL at the end. */
static char *next_step(const char **at)
{
        const char *from = *at;

        for (const char *c = from; (c = strstr(c, "then")) != NULL; c += 4) {
                bool before = c > from && (c[-1] == ' ' || c[-1] == '\t');

                if (!before || (c[4] != ' ' && c[4] != '\t'))
                        continue;
                *at = c + 4 + strspn(c + 4, " \t");
                while (c > from && (c[-1] == ' ' || c[-1] == '\t'))
                        c--;
                return strndup(from, (size_t)(c - from));
        }
        *at = NULL;
        return strdup(from);
}

static int load_step(struct load *load, const struct ini_item *item, size_t offset, const char *text, struct step *step)
{
        struct ini_item one = *item;

        if (strncmp(text, "maybe", 5) == 0 && (text[5] == ' ' || text[5] == '\t')) {
                size_t n = 5 + strspn(text + 5, " \t");

                step->maybe = true;
                text += n;
                offset += n;
        }
        one.value = text;
        one.value_column = item->value_column + (unsigned)offset;
        return load_type(load, &one, text, &step->type);
}

/* TYPE {then TYPE}, each with `maybe` before it when it may be missing. The first is the option's own type. */
static int load_steps(struct load *load, const struct ini_item *item, const char *text, struct option *option)
{
        bool first = true;

        for (const char *at = text; at != NULL; first = false) {
                size_t offset = (size_t)(at - item->value);
                cleanup_free char *part = next_step(&at);
                struct step step = { 0 };
                struct step *larger;
                int r = part == NULL ? -ENOMEM : load_step(load, item, offset, part, &step);

                if (r < 0 || step.type == NULL)
                        return r;
                if (step.maybe && at == NULL)
                        LOAD_ERROR(load, item, item->value_column + (unsigned)offset,
                                   "maybe: another value has to follow, so that both can be told apart");
                if (first) {
                        option->type = step.type;
                        option->maybe = step.maybe;
                        continue;
                }
                larger = load_grow(option->steps, option->step_count, sizeof(*larger));
                if (larger == NULL) {
                        type_free(step.type);
                        return -ENOMEM;
                }
                option->steps = larger;
                larger[option->step_count++] = step;
        }
        return 0;
}

static int add_keyword_name(struct load *load, const struct ini_item *item, unsigned column, const char *name,
                            struct option *option)
{
        if (*name == '\0' || strchr("-+@", *name) != NULL) {
                LOAD_ERROR(load, item, column, "%s is no keyword: none begins with - + or @",
                           *name == '\0' ? "nothing" : name);
                return 0;
        }
        if (!load_is_free(load, item, column, name))
                return 0;
        return strv_append(&option->names, name);
}

/* name|name|… */
static int add_keyword(struct load *load, const struct ini_item *item, const struct ini_span *span, const char *type)
{
        struct option *option = calloc(1, sizeof(*option));
        int r = option == NULL ? -ENOMEM : 0;

        if (option == NULL)
                return r;
        option->keyword = true;
        option->arity = *type == '\0' ? ARITY_FLAG : ARITY_REQUIRED;
        for (size_t from = 0; r == 0 && from <= span->length;) {
                const char *bar = memchr(span->text + from, '|', span->length - from);
                size_t n = bar == NULL ? span->length - from : (size_t)(bar - span->text) - from;
                cleanup_free char *name = strndup(span->text + from, n);

                r = name == NULL ? -ENOMEM : add_keyword_name(load, item, span->column + (unsigned)from, name, option);
                from += n + 1;
        }
        if (r == 0 && *type != '\0')
                r = load_steps(load, item, type, option);
        if (r == 0 && option->names != NULL && (*type == '\0' || option->type != NULL))
                return load_add_option(load, option);
        option_free(option);
        return r;
}

int load_word(struct load *load, const struct ini_item *item)
{
        const char *end;
        const char *type = load_colon(item, &end);
        struct ini_span span;
        const char *at = NULL;
        unsigned count = 0;
        int r = 0;

        for (; r == 0 && ini_next_word(item, &at, &span) && span.text < end; count++)
                r = add_keyword(load, item, &span, type);
        if (r == 0 && count == 0)
                LOAD_ERROR(load, item, item->value_column, "word needs its keywords");
        if (r == 0 && *end != '\0' && *type == '\0')
                LOAD_ERROR(load, item, item->value_column, "word: behind the colon stands the type of its value");
        return r;
}

int load_operators(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);

                if (word == NULL)
                        return -ENOMEM;
                if (load_is_free(load, item, span.column, word))
                        r = strv_append(&load->rule->operators, word);
        }
        return r;
}

/* --- the rest ------------------------------------------------------------------------------------------------------ */

int load_bare(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;

        while (ini_next_word(item, &at, &span)) {
                cleanup_free char *name = strndup(span.text, span.length);
                const struct option *option = name == NULL ? NULL : rule_option(load->rule, name);

                if (name == NULL)
                        return -ENOMEM;
                if (option == NULL || option->arity != ARITY_REQUIRED || option->step_count > 0)
                        LOAD_ERROR(load, item, span.column,
                                   "bare names options or keywords with one value that are defined above");
                else if (strv_append(&load->rule->bare, name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* joined MARK… */
int load_lex(struct load *load, const struct ini_item *item)
{
        struct command *command = load->command;
        struct ini_span span;
        const char *at = NULL;

        if (!ini_next_word(item, &at, &span) || span.length != 6 || memcmp(span.text, "joined", 6) != 0) {
                LOAD_ERROR(load, item, item->value_column, "expected: joined, and the marks at which words are split");
                return 0;
        }
        command->joined = true;
        while (ini_next_word(item, &at, &span)) {
                if (strchr("-@+", span.text[0]) != NULL)
                        LOAD_ERROR(load, item, span.column, "a mark does not begin as options do");
                else if (load_span(&span, &command->marks) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int load_implicit(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span)) {
                if (span.text[0] == '/' || (span.length == 1 && span.text[0] == '.'))
                        r = load_span(&span, &load->rule->implicit);
                else
                        LOAD_ERROR(load, item, span.column, "implicit holds absolute paths, or . alone");
        }
        return r;
}

/* --- what an option brings along ------------------------------------------------------------------------------------ */

/* OPTION VALUE… : --NAME[=VALUE] … */
int load_imply(struct load *load, const struct ini_item *item)
{
        struct rule *rule = load->rule;
        struct implied *larger = load_grow(rule->implied, rule->implied_count, sizeof(*larger));
        const char *end;
        const char *words = load_colon(item, &end);
        struct implied *implied;
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        if (larger == NULL)
                return -ENOMEM;
        rule->implied = larger;
        implied = &larger[rule->implied_count++];
        while (r == 0 && ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);

                if (word == NULL)
                        return -ENOMEM;
                if (span.text >= words)
                        r = strv_append(&implied->words, word);
                else if (span.text < end && implied->option == NULL)
                        implied->option = take_ptr(&word);
                else if (span.text < end)
                        r = strv_append(&implied->values, word);
        }
        if (r == 0 && (implied->values == NULL || implied->words == NULL))
                LOAD_ERROR(load, item, item->value_column, "expected imply = OPTION VALUE… : --NAME[=VALUE] …");
        return r;
}
