#include "pam_diag/ctl/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/num.h"
#include "pam_diag/ctl/show.h"

enum { COUNT_MOST = 1000000000 };

int ctl_usage_error(const struct ctl_command *command, const char *format, ...)
{
        cleanup_buf struct buf text = BUF_INIT(SHOW_MOST);
        va_list arguments;

        va_start(arguments, format);
        buf_vprintf(&text, format, arguments);
        va_end(arguments);
        fprintf(stderr, "diagctl %s: ", command->name);
        show_print(stderr, text.data);
        fprintf(stderr, "\nusage: diagctl %s %s\n", command->name, command->arguments);
        return CTL_USAGE;
}

int ctl_why(const struct ctl_command *command, const char *text)
{
        fprintf(stderr, "diagctl %s: ", command->name);
        show_print(stderr, text);
        fputc('\n', stderr);
        return CTL_FAILED;
}

/* The value behind the option's `=`, or NULL when there is none. */
static bool is_option(const struct ctl_option *option, const char *word, const char **ret_value)
{
        size_t n = strlen(option->name);

        if (strncmp(word, option->name, n) != 0)
                return false;
        if (word[n] == '=' && option->type != CTL_FLAG && strncmp(word, "--", 2) == 0) {
                *ret_value = word + n + 1;
                return true;
        }
        *ret_value = NULL;
        return word[n] == '\0';
}

static int take(const struct ctl_command *command, const struct ctl_option *option, const char *value)
{
        uint64_t number = 0;

        if (value == NULL || value[0] == '\0') {
                (void)ctl_usage_error(command, "%s needs a value", option->name);
                return -EINVAL;
        }
        if (option->type == CTL_TEXT) {
                *(const char **)option->value = value;
                return 0;
        }
        if (num_parse_u64(value, 1, COUNT_MOST, &number) < 0) {
                (void)ctl_usage_error(command, "%s %s: expected a number from 1 to %d", option->name, value,
                                      COUNT_MOST);
                return -EINVAL;
        }
        *(size_t *)option->value = (size_t)number;
        return 0;
}

static const struct ctl_option *find(const struct ctl_option *options, size_t count, const char *word,
                                     const char **ret_value)
{
        for (size_t i = 0; i < count; i++)
                if (is_option(&options[i], word, ret_value))
                        return &options[i];
        return NULL;
}

int ctl_options(const struct ctl_command *command, const struct ctl_option *options, size_t count, bool operands,
                int argc, char **argv, int *ret_operands)
{
        int i = 0;

        for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
                const char *value = NULL;
                const struct ctl_option *option;

                if (strcmp(argv[i], "--") == 0) {
                        i++;
                        break;
                }
                option = find(options, count, argv[i], &value);
                if (option == NULL) {
                        (void)ctl_usage_error(command, "unknown option %s", argv[i]);
                        return -EINVAL;
                }
                if (option->type == CTL_FLAG) {
                        *(bool *)option->value = true;
                        continue;
                }
                if (value == NULL && i + 1 < argc)
                        value = argv[++i];
                if (take(command, option, value) < 0)
                        return -EINVAL;
        }
        if (!operands && i < argc) {
                (void)ctl_usage_error(command, "unexpected argument %s", argv[i]);
                return -EINVAL;
        }
        *ret_operands = i;
        return 0;
}
