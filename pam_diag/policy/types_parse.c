#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/types.h"

enum argument { NONE, RANGE, CHOICES, REGEX };

static const struct {
        const char *name;
        enum type_kind kind;
        enum argument argument;
} kinds[] = {
        { "text", TYPE_TEXT, NONE },
        { "integer", TYPE_INTEGER, RANGE },
        { "one-of", TYPE_ONE_OF, CHOICES },
        { "list", TYPE_LIST, CHOICES },
        { "columns", TYPE_COLUMNS, CHOICES },
        { "match", TYPE_MATCH, REGEX },
        { "path read", TYPE_PATH_READ, NONE },
        { "path list", TYPE_PATH_LIST, NONE },
        { "unit", TYPE_UNIT, NONE },
        { "unit-glob", TYPE_UNIT_GLOB, NONE },
        { "duration", TYPE_DURATION, NONE },
        { "time", TYPE_TIME, NONE },
        { "user", TYPE_USER, NONE },
        { "users", TYPE_USERS, NONE },
        { "pid", TYPE_PID, NONE },
        { "pids", TYPE_PIDS, NONE },
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

static int parse_regex(struct type *type, const char *text, struct buf *wrong)
{
        cleanup_buf struct buf whole = BUF_INIT((size_t)64 * 1024);
        char message[256];
        int r;

        /* Anchored here, so that no profile forgets it. */
        buf_printf(&whole, "^(%s)$", text);
        if (whole.error != 0)
                return whole.error;
        r = *text == '\0' ? REG_BADPAT : regcomp(&type->regex, whole.data, REG_EXTENDED | REG_NOSUB);
        if (r == 0) {
                type->has_regex = true;
                return 0;
        }
        (void)regerror(r, NULL, message, sizeof(message));
        buf_printf(wrong, "the regular expression is wrong: %s", message);
        return -EINVAL;
}

static int parse_argument(struct type *type, enum argument argument, const char *text, struct buf *wrong)
{
        switch (argument) {
        case RANGE:
                return parse_range(type, text, wrong);
        case CHOICES:
                return parse_choices(type, text, wrong);
        case REGEX:
                return parse_regex(type, text, wrong);
        default:
                if (*text == '\0')
                        return 0;
                buf_printf(wrong, "nothing may follow this type, here: %s", text);
                return -EINVAL;
        }
}

/* One alternative; the text has no blanks at its ends. */
static int parse_one(const char *text, struct type **ret_type, struct buf *wrong)
{
        cleanup_type struct type *type = calloc(1, sizeof(*type));
        int r;

        if (type == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                size_t n = strlen(kinds[i].name);

                if (strncmp(text, kinds[i].name, n) != 0 || (text[n] != '\0' && text[n] != ' ' && text[n] != '\t'))
                        continue;
                type->kind = kinds[i].kind;
                r = parse_argument(type, kinds[i].argument, text + n + strspn(text + n, " \t"), wrong);
                if (r < 0)
                        return r;
                *ret_type = take_ptr(&type);
                return 0;
        }
        buf_printf(wrong, "unknown type: %s", *text == '\0' ? "(none)" : text);
        return -EINVAL;
}

static const char *find_bar(const char *text)
{
        const char *bar = text;

        while ((bar = strchr(bar, '|')) != NULL) {
                bool before = bar > text && (bar[-1] == ' ' || bar[-1] == '\t');

                if (before && (bar[1] == ' ' || bar[1] == '\t'))
                        return bar;
                bar++;
        }
        return text + strlen(text);
}

int type_parse(const char *text, struct type **ret_type, struct buf *wrong)
{
        cleanup_type struct type *first = NULL;
        struct type **last = &first;

        for (const char *at = text;; at++) {
                const char *bar = find_bar(at);
                const char *from = at + strspn(at, " \t");
                const char *end = bar;
                cleanup_free char *one = NULL;
                int r;

                while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
                        end--;
                one = strndup(from, from > end ? 0 : (size_t)(end - from));
                if (one == NULL)
                        return -ENOMEM;
                r = parse_one(one, last, wrong);
                if (r < 0)
                        return r;
                last = &(*last)->next;
                at = bar;
                if (*at == '\0')
                        break;
        }
        first->text = strdup(text);
        if (first->text == NULL)
                return -ENOMEM;
        *ret_type = take_ptr(&first);
        return 0;
}
