#include "pam_diag/policy/types.h"

#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/types_table.h"

#define LETTERS TYPE_LETTERS
#define DIGITS TYPE_DIGITS

enum { UNIT_MOST = 255, TIME_MOST = 64, PID_DIGITS_MOST = 9, SIZE_DIGITS_MOST = 18, CONTAINER_MOST = 128 };

void type_free(struct type *type)
{
        while (type != NULL) {
                struct type *next = type->next;

                strv_free(type->choices);
                regex_free(type->regex);
                free(type->text);
                free(type);
                type = next;
        }
}

bool type_is_made_of(const char *value, const char *characters, size_t most)
{
        size_t n = strlen(value);

        return n > 0 && n <= most && strspn(value, characters) == n;
}

/* --- one kind each ------------------------------------------------------------------------------------------------- */

static const char *check_text(const struct type *type, const char *value)
{
        (void)type;
        (void)value;
        return NULL;
}

static bool is_integer(const char *value)
{
        const char *digits = *value == '-' ? value + 1 : value;

        return *digits != '\0' && strspn(digits, DIGITS) == strlen(digits);
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
        if (*value == '-' || (type->low > INT64_MIN && num_parse_i64(value, INT64_MIN, type->low - 1, &number) == 0))
                buf_printf(wrong, "is under %lld", (long long)type->low);
        else
                buf_printf(wrong, "is over %lld", (long long)type->high);
        return -EINVAL;
}

static const char *check_match(const struct type *type, const char *value)
{
        return regex_matches(type->regex, value) ? NULL : "has not the form that is allowed here";
}

static const char *check_path(const struct type *type, const char *value)
{
        (void)type;
        return value[0] == '/' ? NULL : "is not an absolute path";
}

static const char *check_unit(const struct type *type, const char *value)
{
        bool glob = type->kind == TYPE_UNIT_GLOB;
        const char *characters = glob ? LETTERS DIGITS ":_.\\@-*?[]" : LETTERS DIGITS ":_.\\@-";

        if (*value != '-' && type_is_made_of(value, characters, UNIT_MOST))
                return NULL;
        return glob ? "is not a unit's name or pattern" : "is not a unit's name";
}

static const char *check_duration(const struct type *type, const char *value)
{
        (void)type;
        if (*value != '\0' && strchr(DIGITS, *value) != NULL && type_is_made_of(value, LETTERS DIGITS ". ", TIME_MOST))
                return NULL;
        return "is not a time span such as 10s or 2min";
}

static const char *check_time(const struct type *type, const char *value)
{
        (void)type;
        return type_is_made_of(value, LETTERS DIGITS ":+.,@/_- ", TIME_MOST) ? NULL
                                                                             : "is not a time such as \"1 hour ago\"";
}

static const char *check_name(const struct type *type, const char *value)
{
        if (type_is_name(value, strlen(value)))
                return NULL;
        return type->kind == TYPE_USER ? "is not a user's name or number" : "is not a group's name or number";
}

static const char *check_pid(const struct type *type, const char *value)
{
        (void)type;
        return type_is_made_of(value, DIGITS, PID_DIGITS_MOST) ? NULL : "is not a process id";
}

/* digits, then nothing, or k M G T P E, alone, with B or with iB */
static const char *check_size(const struct type *type, const char *value)
{
        size_t digits = strspn(value, DIGITS);
        const char *unit = value + digits;
        bool scaled = *unit != '\0' && strchr("kKMGTPE", *unit) != NULL;

        (void)type;
        if (digits > 0 && digits <= SIZE_DIGITS_MOST &&
            (*unit == '\0' ||
             (scaled && (unit[1] == '\0' || strcmp(unit + 1, "B") == 0 || strcmp(unit + 1, "iB") == 0))))
                return NULL;
        return "is not a size such as 4096, 10k or 5M";
}

static const char *check_container(const struct type *type, const char *value)
{
        (void)type;
        if (strchr("_.-", *value) == NULL && type_is_made_of(value, LETTERS DIGITS "_.-", CONTAINER_MOST))
                return NULL;
        return "is not a container's name or id";
}

const struct type_class type_classes[TYPE_KINDS] = {
        [TYPE_TEXT] = { "text", ARGUMENT_NONE, check_text, NULL },
        [TYPE_INTEGER] = { "integer", ARGUMENT_RANGE, NULL, check_integer },
        [TYPE_ONE_OF] = { "one-of", ARGUMENT_CHOICES, NULL, type_check_choice },
        [TYPE_LIST] = { "list", ARGUMENT_CHOICES, NULL, type_check_list },
        [TYPE_COLUMNS] = { "columns", ARGUMENT_CHOICES, NULL, type_check_list },
        [TYPE_MATCH] = { "match", ARGUMENT_REGEX, check_match, NULL },
        [TYPE_PATH_READ] = { "path read", ARGUMENT_NONE, check_path, NULL },
        [TYPE_PATH_LIST] = { "path list", ARGUMENT_NONE, check_path, NULL },
        [TYPE_UNIT] = { "unit", ARGUMENT_NONE, check_unit, NULL },
        [TYPE_UNIT_GLOB] = { "unit-glob", ARGUMENT_NONE, check_unit, NULL },
        [TYPE_DURATION] = { "duration", ARGUMENT_NONE, check_duration, NULL },
        [TYPE_TIME] = { "time", ARGUMENT_NONE, check_time, NULL },
        [TYPE_USER] = { "user", ARGUMENT_NONE, check_name, NULL },
        [TYPE_USERS] = { "users", ARGUMENT_NONE, NULL, type_check_list },
        [TYPE_GROUP] = { "group", ARGUMENT_NONE, check_name, NULL },
        [TYPE_PID] = { "pid", ARGUMENT_NONE, check_pid, NULL },
        [TYPE_PIDS] = { "pids", ARGUMENT_NONE, NULL, type_check_list },
        [TYPE_SIZE] = { "size", ARGUMENT_NONE, check_size, NULL },
        [TYPE_HOST] = { "host", ARGUMENT_NONE, type_check_host, NULL },
        [TYPE_ADDRESS] = { "address", ARGUMENT_NONE, type_check_address, NULL },
        [TYPE_PREFIX] = { "prefix", ARGUMENT_NONE, type_check_prefix, NULL },
        [TYPE_PORT] = { "port", ARGUMENT_NONE, type_check_port, NULL },
        [TYPE_INTERFACE] = { "interface", ARGUMENT_NONE, type_check_interface, NULL },
        [TYPE_INET] = { "inet", ARGUMENT_NONE, type_check_inet, NULL },
        [TYPE_ENDPOINT] = { "endpoint", ARGUMENT_NONE, type_check_endpoint, NULL },
        [TYPE_CONTAINER] = { "container", ARGUMENT_NONE, check_container, NULL },
        [TYPE_TEMPLATE] = { "template", ARGUMENT_CHOICES, NULL, type_check_template },
};

int type_check_one(const struct type *type, const char *value, struct buf *wrong)
{
        const struct type_class *class = &type_classes[type->kind];
        const char *sentence;

        if (class->check != NULL)
                return class->check(type, value, wrong);
        sentence = class->simple(type, value);
        if (sentence == NULL)
                return 0;
        buf_put_text(wrong, sentence);
        return -EINVAL;
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
