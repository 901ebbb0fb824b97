/* The grammar of a command, as its profile writes it.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * A command without sub-commands is its `base` rule alone. With them, `base` holds what the whole family shares. Where
 * options may stand anywhere (DISPATCH_PERMUTE), each sub-command's rule holds its own options after those of the base,
 * which it borrows; else the base's stand before the sub-command and its own behind it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/limits.h"
#include "pam_diag/policy/types.h"

enum arity {
        ARITY_FLAG, /* no value */
        ARITY_REQUIRED, /* -n 5, -n5, --lines 5, --lines=5 */
        ARITY_GLUED, /* name[=]: an optional value, glued only */
        ARITY_SHAPE, /* name[+]: glued, or the next word when it has the type's shape */
        ARITY_NEXT, /* name[?]: glued, or the next word when it begins with neither - nor + */
};

/* A further value of a keyword. */
struct step {
        struct type *type;
        bool maybe; /* there when the next word has its shape */
};

/* An option, with its dashes, or a keyword, which has none and whose values are words of their own. */
struct option {
        char **names; /* the first is the canonical one */
        enum arity arity;
        bool once;
        bool keyword;
        bool maybe; /* of a keyword's first value */
        struct type *type; /* NULL for a flag */
        struct step *steps; /* of a keyword: what follows the first value */
        size_t step_count;
};

static inline bool option_is_plus(const struct option *option)
{
        return option->names[0][0] == '+';
}

struct refusal {
        char **names; /* options with their dashes, or sub-commands */
        char *reason;
};

/* With one of these values the option brings others along. */
struct implied {
        char *option;
        char **values;
        char **words; /* each --name or --name=value */
};

struct operand {
        unsigned low;
        unsigned high;
        char **unless; /* not expected when one of these options is given; may be NULL */
        struct type *type;
};

/* BSD letters (ps aux); with a type they take a value. */
struct letters {
        char *letters;
        struct type *type;
};

struct rule {
        char *name; /* "journalctl", "systemctl status" */
        char ***verbs; /* one list of aliases for each word of the sub-command; NULL-terminated, NULL for a base */
        struct option **options;
        size_t option_count;
        size_t borrowed; /* the first of them, owned by the base */
        struct refusal *refusals;
        size_t refusal_count;
        struct operand *operands;
        size_t operand_count;
        struct letters *letters;
        size_t letters_count;
        char ***exclusive; /* at most one of each list; NULL-terminated or NULL */
        char ***require; /* at least one of each list */
        char **require_reasons; /* one for each list; empty: none is written */
        struct implied *implied;
        size_t implied_count;
        char *number; /* the option that -50 stands for */
        char **bare; /* what an unmarked value stands for: the first of these options that takes it */
        char **operators; /* words that may stand between all others: ( ) ! -o and */
        char **implicit; /* paths that are read when no operand is given */
        bool may_stop_short; /* the last word of the sub-command may be left out */
        char **prepend;
        char **append; /* after the sub-command */
        char *summary;
        char *hint;
        char **source;
        char **leaks;
        char **omitted;
        char **helpers; /* as written */
        char **reads; /* patterns of what the program reads beyond the policy's trees */
        struct limits limits;
        unsigned limits_set; /* LIMIT_* */
        bool has_network;
        unsigned network;
        unsigned line; /* where its section stands, for messages */
        char *file;
};

enum style {
        STYLE_GETOPT, /* options and operands in any order */
        STYLE_GETOPT_STOP, /* the first operand ends the options */
        STYLE_DASHWORD, /* whole words with one dash, no bundles (ip) */
        STYLE_FIND, /* the same, behind the operands, with order and operators */
        STYLE_LSOF, /* getopt, and letters with a + */
        STYLE_DIG, /* getopt, and +name[=value], @value */
        STYLE_ECHO, /* getopt-stop, where a word that is not all flags is an operand */
};

enum dispatch {
        DISPATCH_PERMUTE, /* the sub-command is the first operand, options stand anywhere */
        DISPATCH_STOP, /* the family's options, then the sub-command, then its own */
};

struct command {
        char *name;
        struct rule base;
        bool has_base; /* [command NAME] itself was seen */
        struct rule *subs;
        size_t sub_count;
        struct option **all; /* of every sub-command, borrowed: what the first scan of DISPATCH_PERMUTE knows */
        size_t all_count;
        enum style style;
        enum dispatch dispatch;
        bool has_style;
        bool has_dispatch;
        char *verb; /* when none is given */
        bool joined; /* unmarked words are split anew, at blanks and `marks` */
        char **marks;
        char *wanted; /* absolute path instead of the search */
        char **through; /* command, and its first words, that its files go through; NULL: it reads them itself */
        char **spellings; /* paths by which the search path leads to the program */
        char *program; /* resolved; NULL when `problem` says why it cannot run */
        char *loader;
        char *problem;
        char **helpers; /* resolved */
        char **helper_loaders; /* to be executed by the kernel for them, never as programs */
};

void option_free(struct option *option);
void rule_clear(struct rule *rule);
void command_free(struct command *command);

/* The option of that name, or NULL. */
const struct option *option_find(struct option *const *options, size_t count, const char *name, size_t length);
const struct option *rule_option(const struct rule *rule, const char *name);

/* The refusal that names this option or sub-command, or NULL. */
const struct refusal *rule_refusal(const struct rule *rule, const char *name, size_t length);
