#include <errno.h>
#include <string.h>

#include "pam_diag/policy/types_table.h"

#define BLANKS " \t"

/* The next word of an action; 0 at its end. */
static size_t next_word(const char **at, const char *end)
{
        size_t n = 0;

        while (*at < end && (**at == ' ' || **at == '\t'))
                (*at)++;
        while (*at + n < end && (*at)[n] != ' ' && (*at)[n] != '\t' && (*at)[n] != '|')
                n++;
        return n == 0 && *at < end ? 1 : n;
}

/* What stands between {{ and }}: .Field, function .Field, or .Field | function, all of them listed. */
static bool is_action(const struct type *type, const char *at, const char *end)
{
        const char *words[4];
        size_t lengths[4];
        size_t count = 0;

        for (size_t n; (n = next_word(&at, end)) > 0; at += n) {
                if (count == 4)
                        return false;
                words[count] = at;
                lengths[count++] = n;
        }
        for (size_t i = 0; i < count; i++) {
                bool bar = count == 3 && i == 1 && lengths[i] == 1 && *words[i] == '|';

                if (!bar && !type_is_choice(type->choices, words[i], lengths[i]))
                        return false;
        }
        if (count == 1)
                return *words[0] == '.';
        if (count == 2)
                return *words[0] != '.' && *words[1] == '.';
        return count == 3 && *words[0] == '.' && *words[2] != '.';
}

/* text/template of Go: text with actions in {{ }}. Text without an action is refused, because tools give words such as `json` a
 * meaning of their own: a profile lists those beside the template. */
int type_check_template(const struct type *type, const char *value, struct buf *wrong)
{
        size_t actions = 0;

        for (const char *open = strstr(value, "{{"); open != NULL; open = strstr(value, "{{")) {
                const char *close = strstr(open + 2, "}}");

                if (close == NULL) {
                        buf_put_text(wrong, "has a {{ without }}");
                        return -EINVAL;
                }
                if (!is_action(type, open + 2, close)) {
                        buf_printf(wrong, "holds %.*s; allowed are:", (int)(close + 2 - open), open);
                        for (size_t i = 0; i < 24 && type->choices[i] != NULL; i++)
                                buf_printf(wrong, type->choices[i][0] == '.' ? " {{%s}}" : " %s", type->choices[i]);
                        return -EINVAL;
                }
                actions++;
                value = close + 2;
        }
        if (actions > 0)
                return 0;
        buf_put_text(wrong, "holds no {{.Field}}");
        return -EINVAL;
}
