#include "pam_diag/module/arguments.h"

#include <string.h>

#include "config.h"

/* The value of `name=value`, or NULL when the argument is another one. */
static const char *value_of(const char *argument, const char *name)
{
        size_t n = strlen(name);

        return strncmp(argument, name, n) == 0 && argument[n] == '=' ? argument + n + 1 : NULL;
}

static bool add_name(const char **names, size_t *count, const char *name)
{
        if (*name == '\0' || *count == ARGUMENTS_NAMES_MOST)
                return false;
        names[(*count)++] = name;
        return true;
}

static bool set_path(const char **path, const char *value)
{
        if (*value != '/')
                return false;
        *path = value;
        return true;
}

static bool take_argument(struct arguments *arguments, const char *argument)
{
        const struct {
                const char *name;
                const char **path;
        } paths[] = {
                { "policy", &arguments->policy },
                { "db", &arguments->db },
                { "supervisor", &arguments->supervisor },
                { "shell", &arguments->shell },
        };
        const char *value;

        value = value_of(argument, "user");
        if (value != NULL)
                return add_name(arguments->users, &arguments->user_count, value);
        value = value_of(argument, "group");
        if (value != NULL)
                return add_name(arguments->groups, &arguments->group_count, value);
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
                value = value_of(argument, paths[i].name);
                if (value != NULL)
                        return set_path(paths[i].path, value);
        }
        if (strcmp(argument, "debug") != 0)
                return false;
        arguments->debug = true;
        return true;
}

void arguments_parse(int argc, const char **argv, struct arguments *ret_arguments)
{
        struct arguments arguments = {
                .policy = PATH_POLICY,
                .db = PATH_DB,
                .supervisor = PATH_SUPERVISOR,
                .shell = PATH_SHELL,
        };

        for (int i = 0; i < argc; i++)
                if (!take_argument(&arguments, argv[i]) && arguments.wrong == NULL)
                        arguments.wrong = argv[i];
        if (arguments.user_count == 0 && arguments.group_count == 0)
                arguments.users[arguments.user_count++] = "diag";
        *ret_arguments = arguments;
}

bool arguments_name_user(const struct arguments *arguments, const char *user)
{
        for (size_t i = 0; i < arguments->user_count; i++)
                if (strcmp(arguments->users[i], user) == 0)
                        return true;
        return false;
}
