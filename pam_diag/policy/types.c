#include "pam_diag/policy/types.h"

#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum { NAME_MOST = 255, TIME_MOST = 64, USER_MOST = 64, WIDTH_DIGITS_MOST = 3 };

void type_free(struct type *type)
{
        while (type != NULL) {
                struct type *next = type->next;

                strv_free(type->choices);
                if (type->has_regex)
                        regfree(&type->regex);
                free(type->text);
                free(type);
                type = next;
        }
}

/* --- checking ---------------------------------------------------------------------------------------------------- */

static bool is_made_of(const char *value, const char *characters, size_t most)
{
        size_t n = strlen(value);

        return n > 0 && n <= most && strspn(value, characters) == n;
}

static bool is_integer(const char *value)
{
        const char *digits = *value == '-' ? value + 1 : value;

        return *digits != '\0' && strspn(digits, DIGITS) == strlen(digits);
}

static bool is_unit(const char *value, bool glob)
{
        const char *characters = glob ? LETTERS DIGITS ":_.\\@-*?[]" : LETTERS DIGITS ":_.\\@-";

        return *value != '-' && is_made_of(value, characters, NAME_MOST);
}

static bool is_duration(const char *value)
{
        return *value != '\0' && strchr(DIGITS, *value) != NULL && is_made_of(value, LETTERS DIGITS ". ", TIME_MOST);
}

static bool is_choice(char *const *choices, const char *value, size_t length)
{
        for (size_t i = 0; choices[i] != NULL; i++)
                if (strlen(choices[i]) == length && memcmp(choices[i], value, length) == 0)
                        return true;
        return false;
}

static bool is_name(const char *value, size_t length)
{
        return length > 0 && length <= USER_MOST && value[0] != '-' && value[0] != '+' &&
               strspn(value, LETTERS DIGITS "_.@$-") >= length;
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
        if (!is_choice(type->choices, value, end))
                return false;
        if (end < length && value[end] == ':') {
                size_t digits = strspn(value + end + 1, DIGITS);

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
                return is_choice(type->choices, value, length);
        case TYPE_USERS:
                return is_name(value, length);
        case TYPE_PIDS:
                return length > 0 && length < 10 && strspn(value, DIGITS) >= length;
        default:
                return false;
        }
}

/* Every element of a comma-separated value, none of them empty; *ret_bad is the first that is wrong. */
static bool is_list(const struct type *type, const char *value, const char **ret_bad)
{
        for (const char *at = value;;) {
                size_t n = strcspn(at, ",");

                *ret_bad = at;
                if (!is_element(type, at, n))
                        return false;
                if (at[n] == '\0')
                        return true;
                at += n + 1;
        }
}

static int check_integer(const struct type *type, const char *value, struct buf *wrong)
{
        int64_t number;

        if (!is_integer(value)) {
                buf_put_text(wrong, "is not a whole number");
                return -EINVAL;
        }
        if (num_parse_i64(value, type->low, type->high, &number) == 0)
                return 0;
        if (*value == '-' || num_parse_i64(value, INT64_MIN, type->low - 1, &number) == 0)
                buf_printf(wrong, "is under %lld", (long long)type->low);
        else
                buf_printf(wrong, "is over %lld", (long long)type->high);
        return -EINVAL;
}

static void put_choices(struct buf *wrong, char *const *choices)
{
        enum { SHOWN = 24 };

        for (size_t i = 0; i < SHOWN && choices[i] != NULL; i++)
                buf_printf(wrong, " %s", choices[i]);
        if (strv_length(choices) > SHOWN)
                buf_put_text(wrong, " …");
}

static int check_list(const struct type *type, const char *value, struct buf *wrong)
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

/* The kinds that have one test and one sentence. */
static const char *check_simple(const struct type *type, const char *value)
{
        switch (type->kind) {
        case TYPE_MATCH:
                return regexec(&type->regex, value, 0, NULL, 0) == 0 ? NULL : "has not the form that is allowed here";
        case TYPE_UNIT:
                return is_unit(value, false) ? NULL : "is not a unit's name";
        case TYPE_UNIT_GLOB:
                return is_unit(value, true) ? NULL : "is not a unit's name or pattern";
        case TYPE_DURATION:
                return is_duration(value) ? NULL : "is not a time span such as 10s or 2min";
        case TYPE_TIME:
                return is_made_of(value, LETTERS DIGITS ":+.,@/_- ", TIME_MOST)
                               ? NULL
                               : "is not a time such as \"1 hour ago\"";
        case TYPE_USER:
                return is_name(value, strlen(value)) ? NULL : "is not a user's or group's name";
        case TYPE_PID:
                return is_made_of(value, DIGITS, 9) ? NULL : "is not a process id";
        case TYPE_PATH_READ:
        case TYPE_PATH_LIST:
                return value[0] == '/' ? NULL : "is not an absolute path";
        default:
                return NULL;
        }
}

int type_check_one(const struct type *type, const char *value, struct buf *wrong)
{
        const char *sentence;

        switch (type->kind) {
        case TYPE_TEXT:
                return 0;
        case TYPE_INTEGER:
                return check_integer(type, value, wrong);
        case TYPE_ONE_OF:
                if (is_choice(type->choices, value, strlen(value)))
                        return 0;
                buf_put_text(wrong, "is not one of:");
                put_choices(wrong, type->choices);
                return -EINVAL;
        case TYPE_LIST:
        case TYPE_COLUMNS:
        case TYPE_USERS:
        case TYPE_PIDS:
                return check_list(type, value, wrong);
        default:
                sentence = check_simple(type, value);
                if (sentence == NULL)
                        return 0;
                buf_put_text(wrong, sentence);
                return -EINVAL;
        }
}

bool type_has_shape(const struct type *type, const char *value)
{
        for (; type != NULL; type = type->next) {
                cleanup_buf struct buf unused = BUF_INIT(256);

                if (type->kind == TYPE_INTEGER ? is_integer(value) : type_check_one(type, value, &unused) == 0)
                        return true;
        }
        return false;
}
