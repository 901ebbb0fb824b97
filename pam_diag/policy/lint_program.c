#include <errno.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/lint.h"
#include "pam_diag/policy/snapshot.h"

enum { PROGRAM_MOST = 32 * 1024 * 1024, WANTED_MOST = 256, SHORTEST = 3 };

struct bytes {
        char *data;
        size_t length;
        bool packed; /* strings stand without an end, as the compilers of Go and Rust lay them down */
};

static bool holds(const struct bytes *bytes, const char *wanted, size_t length)
{
        return memmem(bytes->data, bytes->length, wanted, length) != NULL;
}

/* In a table of getopt_long(3) the name stands without its dashes and with its NUL; in a usage text with its dashes. An
 * abbreviation that a profile lists is found in the latter. */
static bool knows_name(const struct bytes *bytes, const char *bare, size_t length)
{
        char wanted[WANTED_MOST + 3] = "--";

        memcpy(wanted + 2, bare, length); /* and a NUL behind it, as in the rest of the array */
        return holds(bytes, wanted + 2, length + (bytes->packed ? 0 : 1)) || holds(bytes, wanted, length + 2) ||
               holds(bytes, wanted + 1, length + 1);
}

/* Names that programs put together: no in front of another, and find's -newerXY (find(1)). */
static bool knows(const struct bytes *bytes, const char *option)
{
        const char *bare = option + strspn(option, "-+");
        size_t length = strlen(bare);

        if (knows_name(bytes, bare, length))
                return true;
        if (strncmp(bare, "no", 2) == 0)
                return length < 2 + SHORTEST || knows_name(bytes, bare + 2, length - 2) ||
                       (bare[2] == '-' && knows_name(bytes, bare + 3, length - 3));
        return strncmp(bare, "newer", 5) == 0 && length == 7 && knows_name(bytes, bare, 5);
}

static void lint_option(const struct bytes *bytes, const struct command *command, const struct rule *rule,
                        const struct option *option, struct policy_lints *lints)
{
        for (size_t i = 0; option->names[i] != NULL; i++) {
                const char *name = option->names[i];
                size_t length = strlen(name);

                /* Keywords and short options: their bytes are everywhere, or are built by a parser. */
                if (strchr("-+", name[0]) == NULL || length < SHORTEST + strspn(name, "-+") || length > WANTED_MOST ||
                    knows(bytes, name))
                        continue;
                policy_error(&lints->warnings, rule->file, rule->line, 0, "warning: %s: %s is not found in %s",
                             rule->name, name, command->program);
        }
}

static void lint_rule(const struct bytes *bytes, const struct command *command, const struct rule *rule,
                      struct policy_lints *lints)
{
        for (size_t i = rule->borrowed; i < rule->option_count; i++)
                lint_option(bytes, command, rule, rule->options[i], lints);
}

/* The program is only read: what a checker runs, whoever wrote the policy has chosen. A file that cannot be read, or is larger
 * than the bound, says nothing about its options. */
int lint_options(const struct command *command, struct policy_lints *lints)
{
        static const char go[] = "Go build";
        static const char rust[] = "/rustc/";
        cleanup_free char *data = NULL;
        struct bytes bytes = { 0 };
        int r = fd_read_file(command->program, PROGRAM_MOST, &data, &bytes.length);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        bytes.data = data;
        bytes.packed = holds(&bytes, go, strlen(go)) || holds(&bytes, rust, strlen(rust));
        lint_rule(&bytes, command, &command->base, lints);
        for (size_t i = 0; i < command->sub_count; i++)
                lint_rule(&bytes, command, &command->subs[i], lints);
        return 0;
}
