#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/types_table.h"

enum { NAME_MOST = 64, WIDTH_DIGITS_MOST = 3, PID_DIGITS_MOST = 9, CHOICES_SHOWN = 24 };

bool type_is_choice(char *const *choices, const char *value, size_t length)
{
        for (size_t i = 0; choices[i] != NULL; i++)
                if (strlen(choices[i]) == length && memcmp(choices[i], value, length) == 0)
                        return true;
        return false;
}

bool type_is_name(const char *value, size_t length)
{
        return length > 0 && length <= NAME_MOST && value[0] != '-' && value[0] != '+' &&
               strspn(value, TYPE_LETTERS TYPE_DIGITS "_.@$-") >= length;
}

/* name, or [+-]name[:width][=title] in columns. */
static bool is_column(const struct type *type, const char *value, size_t length)
{
        size_t end = 0;

        if (length > 0 && (value[0] == '+' || value[0] == '-')) {
                value++;
                length--;
        }
        while (end < length && value[end] != ':' && value[end] != '=')
                end++;
        if (!type_is_choice(type->choices, value, end))
                return false;
        if (end < length && value[end] == ':') {
                size_t digits = strspn(value + end + 1, TYPE_DIGITS);

                if (digits == 0 || digits > WIDTH_DIGITS_MOST)
                        return false;
                end += 1 + digits;
        }
        /* A title may hold anything but separators, which the split has already taken out. */
        return end == length || (end < length && value[end] == '=');
}

static bool is_element(const struct type *type, const char *value, size_t length)
{
        switch (type->kind) {
        case TYPE_COLUMNS:
                return is_column(type, value, length);
        case TYPE_LIST:
                return type_is_choice(type->choices, value, length);
        case TYPE_USERS:
                return type_is_name(value, length);
        case TYPE_PIDS:
                return length > 0 && length <= PID_DIGITS_MOST && strspn(value, TYPE_DIGITS) >= length;
        default:
                return false;
        }
}

/* Every element of a comma-separated value; *ret_bad is the first that is wrong. None is empty, but for what follows a
 * list's last comma, which its programs leave out (systemctl -p). */
static bool is_list(const struct type *type, const char *value, const char **ret_bad)
{
        for (const char *at = value;;) {
                size_t n = strcspn(at, ",");

                *ret_bad = at;
                if (*at == '\0' && at > value && type->kind == TYPE_LIST)
                        return true;
                if (!is_element(type, at, n))
                        return false;
                if (at[n] == '\0')
                        return true;
                at += n + 1;
        }
}

static void put_choices(struct buf *wrong, char *const *choices)
{
        for (size_t i = 0; i < CHOICES_SHOWN && choices[i] != NULL; i++)
                buf_printf(wrong, " %s", choices[i]);
        if (strv_length(choices) > CHOICES_SHOWN)
                buf_put_text(wrong, " …");
}

int type_check_choice(const struct type *type, const char *value, struct buf *wrong)
{
        if (type_is_choice(type->choices, value, strlen(value)))
                return 0;
        buf_put_text(wrong, "is not one of:");
        put_choices(wrong, type->choices);
        return -EINVAL;
}

int type_check_list(const struct type *type, const char *value, struct buf *wrong)
{
        const char *bad = NULL;

        if (is_list(type, value, &bad))
                return 0;
        if (type->choices == NULL) {
                buf_printf(wrong, "is not a list of %s", type->kind == TYPE_PIDS ? "process ids" : "names");
                return -EINVAL;
        }
        if (*bad == '\0' || *bad == ',') {
                buf_put_text(wrong, "has an empty element");
                return -EINVAL;
        }
        buf_printf(wrong, "holds %.*s, which is not one of:", (int)strcspn(bad, ","), bad);
        put_choices(wrong, type->choices);
        return -EINVAL;
}
