#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/types_table.h"

enum { ALTERNATIVES_MOST = 64, TEXT_MOST = 256 * 1024 };

struct parser {
        const struct type_names *names;
        struct buf *wrong;
        struct type **last;
        unsigned count;
        struct buf text; /* as written, named types by what they stand for */
};

static int parse_range(struct type *type, const char *text, struct buf *wrong)
{
        const char *dots = strstr(text, "..");
        cleanup_free char *low = dots == NULL ? NULL : strndup(text, (size_t)(dots - text));

        if (dots != NULL && low == NULL)
                return -ENOMEM;
        if (dots == NULL || num_parse_i64(low, INT64_MIN, INT64_MAX, &type->low) < 0 ||
            num_parse_i64(dots + 2, type->low, INT64_MAX, &type->high) < 0) {
                buf_put_text(wrong, "integer needs its range: integer 0..100");
                return -EINVAL;
        }
        return 0;
}

static int parse_choices(struct type *type, const char *text, struct buf *wrong)
{
        for (const char *at = text + strspn(text, " \t"); *at != '\0'; at += strspn(at, " \t")) {
                size_t n = strcspn(at, " \t");
                cleanup_free char *choice = strndup(at, n);

                if (choice == NULL || strv_append(&type->choices, choice) < 0)
                        return -ENOMEM;
                at += n;
        }
        if (type->choices != NULL)
                return 0;
        buf_put_text(wrong, "a choice needs its words");
        return -EINVAL;
}

static int parse_argument(struct type *type, enum type_argument argument, const char *text, struct buf *wrong)
{
        switch (argument) {
        case ARGUMENT_RANGE:
                return parse_range(type, text, wrong);
        case ARGUMENT_CHOICES:
                return parse_choices(type, text, wrong);
        case ARGUMENT_REGEX:
                return regex_new(text, &type->regex, wrong);
        default:
                if (*text == '\0')
                        return 0;
                buf_printf(wrong, "nothing may follow this type, here: %s", text);
                return -EINVAL;
        }
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static int parse_kind(struct parser *parser, const char *text)
{
        cleanup_type struct type *type = calloc(1, sizeof(*type));
        int r;

        if (type == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < TYPE_KINDS; i++) {
                size_t n = strlen(type_classes[i].name);

                if (text[0] != type_classes[i].name[0] || strncmp(text, type_classes[i].name, n) != 0 ||
                    (text[n] != '\0' && !is_blank(text[n])))
                        continue;
                type->kind = (enum type_kind)i;
                r = parse_argument(type, type_classes[i].argument, text + n + strspn(text + n, " \t"), parser->wrong);
                if (r < 0)
                        return r;
                buf_put_text(&parser->text, parser->text.length > 0 ? " | " : "");
                buf_put_text(&parser->text, text);
                *parser->last = take_ptr(&type);
                parser->last = &(*parser->last)->next;
                return 0;
        }
        buf_printf(parser->wrong, "unknown type: %s", *text == '\0' ? "(none)" : text);
        return -EINVAL;
}

static int parse_alternatives(struct parser *parser, const char *text, size_t names);

/* One alternative; the text has no blanks at its ends. A name stands for what was defined before it, so there is no circle. */
static int parse_one(struct parser *parser, const char *text, size_t names)
{
        for (size_t i = names; i-- > 0;)
                if (strcmp(parser->names->list[i].name, text) == 0)
                        return parse_alternatives(parser, parser->names->list[i].text, i);
        if (++parser->count > ALTERNATIVES_MOST) {
                buf_printf(parser->wrong, "more than %d alternatives", ALTERNATIVES_MOST);
                return -EINVAL;
        }
        return parse_kind(parser, text);
}

static const char *find_bar(const char *text)
{
        const char *bar = text;

        while ((bar = strchr(bar, '|')) != NULL) {
                if (bar > text && is_blank(bar[-1]) && is_blank(bar[1]))
                        return bar;
                bar++;
        }
        return text + strlen(text);
}

static int parse_alternatives(struct parser *parser, const char *text, size_t names)
{
        for (const char *at = text;; at++) {
                const char *bar = find_bar(at);
                const char *from = at + strspn(at, " \t");
                const char *end = bar;
                cleanup_free char *one = NULL;
                int r;

                while (end > from && is_blank(end[-1]))
                        end--;
                one = strndup(from, from > end ? 0 : (size_t)(end - from));
                if (one == NULL)
                        return -ENOMEM;
                r = parse_one(parser, one, names);
                if (r < 0)
                        return r;
                at = bar;
                if (*at == '\0')
                        return 0;
        }
}

int type_parse(const char *text, const struct type_names *names, struct type **ret_type, struct buf *wrong)
{
        cleanup_type struct type *first = NULL;
        struct parser parser = { .names = names, .wrong = wrong, .last = &first, .text = BUF_INIT(TEXT_MOST) };
        int r = parse_alternatives(&parser, text, names == NULL ? 0 : names->count);

        if (r == 0)
                r = parser.text.error;
        if (r == 0 && first != NULL)
                first->text = take_ptr(&parser.text.data);
        buf_free(&parser.text);
        if (r < 0)
                return r;
        *ret_type = take_ptr(&first);
        return 0;
}

bool type_is_kind(const char *name)
{
        for (size_t i = 0; i < TYPE_KINDS; i++)
                if (strncmp(type_classes[i].name, name, strcspn(type_classes[i].name, " ")) == 0 &&
                    name[strcspn(type_classes[i].name, " ")] == '\0')
                        return true;
        return false;
}
