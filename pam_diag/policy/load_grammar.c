#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/load.h"

enum { OPERANDS_MOST = 1000 };

static bool is_alnum(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_long_name(const char *name)
{
        if (!is_alnum(*name))
                return false;
        for (const char *c = name; *c != '\0'; c++)
                if (!is_alnum(*c) && *c != '-' && *c != '_' && *c != '.')
                        return false;
        return true;
}

/* -X or --name; -name, +name, +X and @ where the style reads them. */
static bool is_option_name(enum style style, const char *name)
{
        if (name[0] == '@')
                return style == STYLE_DIG && name[1] == '\0';
        if (name[0] == '+')
                return (style == STYLE_DIG && is_long_name(name + 1)) ||
                       (style == STYLE_LSOF && is_alnum(name[1]) && name[2] == '\0');
        if (name[0] != '-')
                return false;
        if (name[1] == '-')
                return is_long_name(name + 2);
        if ((style == STYLE_DASHWORD || style == STYLE_FIND) && is_long_name(name + 1))
                return true;
        return name[1] > ' ' && name[1] < 0x7f && name[2] == '\0';
}

bool load_is_free(struct load *load, const struct ini_item *item, unsigned column, const char *name)
{
        const struct refusal *refusal = rule_refusal(load->rule, name, strlen(name));

        if (rule_option(load->rule, name) != NULL)
                LOAD_ERROR(load, item, column, "%s is an option of %s already", name, load->rule->name);
        else if (refusal != NULL)
                LOAD_ERROR(load, item, column, "%s is refused by %s already", name, load->rule->name);
        else if (strv_has(load->rule->operators, name, strlen(name)))
                LOAD_ERROR(load, item, column, "%s is an operator of %s already", name, load->rule->name);
        else
                return true;
        return false;
}

/* Takes `[+]`, `[?]`, `[=]` or `[=WORD]` off the name. */
static bool take_arity(char *name, enum arity *ret_arity)
{
        char *bracket = strchr(name, '[');

        *ret_arity = ARITY_REQUIRED;
        if (bracket == NULL)
                return true;
        if (strcmp(bracket, "[+]") == 0)
                *ret_arity = ARITY_SHAPE;
        else if (strcmp(bracket, "[?]") == 0)
                *ret_arity = ARITY_NEXT;
        else if (bracket[1] == '=' && bracket[strlen(bracket) - 1] == ']')
                *ret_arity = ARITY_GLUED;
        else
                return false;
        *bracket = '\0';
        return true;
}

static int add_name(struct load *load, const struct ini_item *item, const struct ini_span *span, struct option *option)
{
        cleanup_free char *name = strndup(span->text, span->length);
        enum arity arity = ARITY_FLAG;

        if (name == NULL)
                return -ENOMEM;
        if (strcmp(name, "once") == 0) {
                option->once = true;
                return 0;
        }
        if (option->type != NULL && !take_arity(name, &arity)) {
                LOAD_ERROR(load, item, span->column, "%s: after an option's name only [+], [?], [=] or [=WORD]", name);
                return 0;
        }
        if (!is_option_name(load->command->style, name)) {
                LOAD_ERROR(load, item, span->column, "%s is not an option's name (-x or --name)", name);
                return 0;
        }
        if (!load_is_free(load, item, span->column, name))
                return 0;
        if (option->names != NULL && option->arity != arity)
                LOAD_ERROR(load, item, span->column, "%s takes its value another way than %s", name, option->names[0]);
        if (strv_has(option->names, name, strlen(name)))
                LOAD_ERROR(load, item, span->column, "%s is given twice", name);
        option->arity = arity;
        return strv_append(&option->names, name);
}

int load_add_option(struct load *load, struct option *option)
{
        struct rule *rule = load->rule;
        struct option **larger = load_grow(rule->options, rule->option_count, sizeof(struct option *));

        if (larger == NULL) {
                option_free(option);
                return -ENOMEM;
        }
        rule->options = larger;
        larger[rule->option_count++] = option;
        return 0;
}

static int add_option(struct load *load, const struct ini_item *item, const char *end, struct type *type)
{
        struct option *option = calloc(1, sizeof(*option));
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        if (option == NULL) {
                type_free(type);
                return -ENOMEM;
        }
        option->type = type;
        while (r == 0 && ini_next_word(item, &at, &span) && span.text < end)
                r = add_name(load, item, &span, option);
        if (r == 0 && option->names == NULL)
                LOAD_ERROR(load, item, item->value_column, "%s needs the names of an option", item->key);
        if (r == 0 && option->names != NULL)
                return load_add_option(load, option);
        option_free(option);
        return r;
}

/* `+[no]name` is two flags. */
int load_flag(struct load *load, const struct ini_item *item)
{
        static const char *const prefixes[] = { "+", "+no" };
        int r = 0;

        if (strncmp(item->value, "+[no]", 5) != 0)
                return add_option(load, item, item->value + strlen(item->value), NULL);
        for (size_t i = 0; r == 0 && i < 2; i++) {
                cleanup_buf struct buf value = BUF_INIT(INI_LINE_MOST);
                struct ini_item one = *item;

                buf_printf(&value, "%s%s", prefixes[i], item->value + 5);
                if (value.error != 0)
                        return value.error;
                one.value = value.data;
                r = add_option(load, &one, value.data + value.length, NULL);
        }
        return r;
}

int load_option(struct load *load, const struct ini_item *item)
{
        const char *end;
        const char *text = load_colon(item, &end);
        struct type *type = NULL;
        int r = load_type(load, item, text, &type);

        return r < 0 || type == NULL ? r : add_option(load, item, end, type);
}

/* N or N..M */
static bool read_count(const char *text, unsigned *ret_low, unsigned *ret_high)
{
        const char *dots = strstr(text, "..");
        cleanup_free char *first = strndup(text, dots == NULL ? strlen(text) : (size_t)(dots - text));
        uint64_t low;
        uint64_t high;

        if (first == NULL || num_parse_u64(first, 0, OPERANDS_MOST, &low) < 0)
                return false;
        high = low;
        if (dots != NULL && num_parse_u64(dots + 2, low, OPERANDS_MOST, &high) < 0)
                return false;
        *ret_low = (unsigned)low;
        *ret_high = (unsigned)high;
        return high > 0;
}

static int read_operand_head(struct load *load, const struct ini_item *item, const char *end, struct operand *operand)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        for (unsigned i = 0; r == 0 && ini_next_word(item, &at, &span) && span.text < end; i++) {
                cleanup_free char *word = strndup(span.text, span.length);

                if (word == NULL)
                        return -ENOMEM;
                if (i == 0 && !read_count(word, &operand->low, &operand->high))
                        LOAD_ERROR(load, item, span.column, "expected how many operands: N or N..M, at most %d",
                                   OPERANDS_MOST);
                else if (i == 1 && strcmp(word, "unless") != 0)
                        LOAD_ERROR(load, item, span.column, "expected `unless` or `:` here, not %s", word);
                else if (i >= 2)
                        r = strv_append(&operand->unless, word);
        }
        return r;
}

int load_operand(struct load *load, const struct ini_item *item)
{
        struct rule *rule = load->rule;
        const char *end;
        const char *text = load_colon(item, &end);
        struct operand *larger = load_grow(rule->operands, rule->operand_count, sizeof(*larger));
        struct operand *operand;
        int r;

        if (larger == NULL)
                return -ENOMEM;
        rule->operands = larger;
        operand = &larger[rule->operand_count++];
        r = load_type(load, item, text, &operand->type);
        return r < 0 ? r : read_operand_head(load, item, end, operand);
}

static bool is_verb(const char *word)
{
        if (!is_alnum(*word))
                return false;
        for (; *word != '\0'; word++)
                if (!is_alnum(*word) && strchr("-_.", *word) == NULL)
                        return false;
        return true;
}

int load_refuse(struct load *load, const struct ini_item *item)
{
        struct rule *rule = load->rule;
        const char *end;
        const char *reason = load_colon(item, &end);
        struct refusal *larger = load_grow(rule->refusals, rule->refusal_count, sizeof(*larger));
        struct refusal *refusal;
        struct ini_span span;
        const char *at = NULL;

        if (larger == NULL)
                return -ENOMEM;
        rule->refusals = larger;
        refusal = &larger[rule->refusal_count++];
        if (*reason == '\0')
                LOAD_ERROR(load, item, item->value_column, "refuse needs a reason: refuse = -x --name : why");
        refusal->reason = strdup(reason);
        if (refusal->reason == NULL)
                return -ENOMEM;
        while (ini_next_word(item, &at, &span) && span.text < end) {
                cleanup_free char *name = strndup(span.text, span.length);

                if (name == NULL)
                        return -ENOMEM;
                if (!is_option_name(load->command->style, name) && !is_verb(name))
                        LOAD_ERROR(load, item, span.column, "%s is neither an option nor a word", name);
                else if (load_is_free(load, item, span.column, name) && strv_append(&refusal->names, name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int load_letters(struct load *load, const struct ini_item *item)
{
        struct rule *rule = load->rule;
        const char *end;
        const char *text = load_colon(item, &end);
        struct letters *larger = load_grow(rule->letters, rule->letters_count, sizeof(*larger));
        struct letters *letters;
        struct ini_span span = { 0 };
        const char *at = NULL;

        if (larger == NULL)
                return -ENOMEM;
        rule->letters = larger;
        letters = &larger[rule->letters_count++];
        if (!ini_next_word(item, &at, &span) || span.text >= end)
                LOAD_ERROR(load, item, item->value_column, "bsd needs its letters");
        for (size_t i = 0; i < span.length; i++)
                if (!is_alnum(span.text[i]))
                        LOAD_ERROR(load, item, span.column + (unsigned)i, "%c is not a letter", span.text[i]);
        letters->letters = strndup(span.text == NULL ? "" : span.text, span.length);
        if (letters->letters == NULL)
                return -ENOMEM;
        return *text == '\0' ? 0 : load_type(load, item, text, &letters->type);
}

/* The names up to `end`, each one of an option that is there. */
static int load_list(struct load *load, const struct ini_item *item, const char *end, char ****lists)
{
        size_t count = 0;
        char ***larger;
        struct ini_span span;
        const char *at = NULL;

        while (*lists != NULL && (*lists)[count] != NULL)
                count++;
        larger = load_grow(*lists, count + 1, sizeof(*larger));
        if (larger == NULL)
                return -ENOMEM;
        *lists = larger;
        larger[count] = NULL;
        while (ini_next_word(item, &at, &span) && span.text < end) {
                cleanup_free char *name = strndup(span.text, span.length);

                if (name == NULL || strv_append(&larger[count], name) < 0)
                        return -ENOMEM;
                if (rule_option(load->rule, name) == NULL)
                        LOAD_ERROR(load, item, span.column, "%s is no option of %s (define it above)", name,
                                   load->rule->name);
        }
        if (larger[count] == NULL)
                LOAD_ERROR(load, item, item->value_column, "%s needs options", item->key);
        return 0;
}

int load_exclusive(struct load *load, const struct ini_item *item)
{
        return load_list(load, item, item->value + strlen(item->value), &load->rule->exclusive);
}

/* OPT… [: REASON] */
int load_require(struct load *load, const struct ini_item *item)
{
        const char *end;
        const char *reason = load_colon(item, &end);

        if (strv_append(&load->rule->require_reasons, reason) < 0)
                return -ENOMEM;
        return load_list(load, item, end, &load->rule->require);
}
