/* A command of diagctl, and what its command line says.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum ctl_status {
        CTL_GOOD = 0,
        CTL_FAILED = 1, /* the answer is no, or it cannot be had */
        CTL_USAGE = 2,
        CTL_DENIED = 126, /* as the session itself would end */
};

struct ctl_command {
        const char *name; /* one word or two: "policy check" */
        const char *arguments; /* "[-n N] [--json]" */
        const char *summary; /* one line */
        const char *help; /* the rest of the usage text, lines */
        int (*run)(const struct ctl_command *command, int argc,
                   char **argv); /* argv[0] is the first argument; ctl_status */
};

enum ctl_option_type { CTL_FLAG, CTL_TEXT, CTL_COUNT };

struct ctl_option {
        const char *name; /* "--json", "-n" */
        enum ctl_option_type type;
        void *value; /* bool *, const char **, size_t * (1 and more) */
};

/* Options in any order, `--name VALUE` or `--name=VALUE`; `--` ends them. *ret_operands is the index of the first word behind them,
 * and without `operands` there may be none. 0; -EINVAL when something was wrong, which has been said on stderr. */
int ctl_options(const struct ctl_command *command, const struct ctl_option *options, size_t count, bool operands,
                int argc, char **argv, int *ret_operands);

/* On stderr: why it could not be done. Always CTL_FAILED. */
int ctl_why(const struct ctl_command *command, const char *text);

/* On stderr, with the command's usage line. Always CTL_USAGE. */
int ctl_usage_error(const struct ctl_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
