#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/load.h"
#include "pam_diag/policy/patterns.h"

/* --- values ------------------------------------------------------------------------------------------------------- */

static int set_summary(struct load *load, const struct ini_item *item)
{
        return load_text(item, &load->rule->summary);
}

static int set_hint(struct load *load, const struct ini_item *item)
{
        return load_text(item, &load->rule->hint);
}

static int add_source(struct load *load, const struct ini_item *item)
{
        return strv_append(&load->rule->source, item->value);
}

static int add_leaks(struct load *load, const struct ini_item *item)
{
        return strv_append(&load->rule->leaks, item->value);
}

static int add_omitted(struct load *load, const struct ini_item *item)
{
        return strv_append(&load->rule->omitted, item->value);
}

static int add_prepend(struct load *load, const struct ini_item *item)
{
        return load_words(item, &load->rule->prepend);
}

static int add_append(struct load *load, const struct ini_item *item)
{
        return load_words(item, &load->rule->append);
}

static int set_limit(struct load *load, const struct ini_item *item)
{
        if (load_limit(load, item, &load->rule->limits))
                load->rule->limits_set |= limits_bit(item->key);
        return 0;
}

static int set_network(struct load *load, const struct ini_item *item)
{
        static const struct {
                const char *name;
                unsigned bit;
        } families[] = {
                { "none", 0 },
                { "unix", NETWORK_UNIX },
                { "inet", NETWORK_INET },
                { "netlink", NETWORK_NETLINK },
                { "loopback", NETWORK_LOOPBACK },
                { "engine", NETWORK_ENGINE },
        };
        struct ini_span span;
        const char *at = NULL;

        load->rule->has_network = true;
        while (ini_next_word(item, &at, &span)) {
                bool known = false;

                for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
                        if (strlen(families[i].name) != span.length ||
                            memcmp(families[i].name, span.text, span.length) != 0)
                                continue;
                        load->rule->network |= families[i].bit;
                        known = true;
                }
                if (!known)
                        LOAD_ERROR(load, item, span.column,
                                   "unknown network; known: none unix inet netlink loopback engine");
        }
        return 0;
}

static int set_number(struct load *load, const struct ini_item *item)
{
        const struct option *option = rule_option(load->rule, item->value);

        if (option == NULL || option->type == NULL) {
                LOAD_ERROR(load, item, item->value_column, "number names an option with a value that is defined above");
                return 0;
        }
        return load_text(item, &load->rule->number);
}

static int add_helpers(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span)) {
                if (span.text[0] == '/')
                        r = load_span(&span, &load->rule->helpers);
                else
                        LOAD_ERROR(load, item, span.column, "helpers are absolute paths");
        }
        return r;
}

static int add_reads(struct load *load, const struct ini_item *item)
{
        return load_patterns(load, item, &load->rule->reads);
}

static int set_program(struct load *load, const struct ini_item *item)
{
        if (item->value[0] == '/')
                return load_text(item, &load->command->wanted);
        LOAD_ERROR(load, item, item->value_column, "program is an absolute path");
        return 0;
}

static int set_through(struct load *load, const struct ini_item *item)
{
        return load_words(item, &load->command->through);
}

/* Of the family: the sub-command when there is none. Of a sub-command: its last word, which may be left out. */
static int set_verb(struct load *load, const struct ini_item *item)
{
        struct rule *rule = load->rule;
        size_t last = 0;

        if (rule == &load->command->base)
                return load_text(item, &load->command->verb);
        while (rule->verbs[last + 1] != NULL)
                last++;
        rule->may_stop_short = last > 0 && strv_has(rule->verbs[last], item->value, strlen(item->value));
        if (!rule->may_stop_short)
                LOAD_ERROR(load, item, item->value_column,
                           "verb names the last of the words of %s, of which it has two or more", rule->name);
        return 0;
}

static int set_style(struct load *load, const struct ini_item *item)
{
        static const char *const styles[] = {
                [STYLE_GETOPT] = "getopt",     [STYLE_GETOPT_STOP] = "getopt-stop",
                [STYLE_DASHWORD] = "dashword", [STYLE_FIND] = "find",
                [STYLE_LSOF] = "lsof",         [STYLE_DIG] = "dig",
                [STYLE_ECHO] = "echo",
        };

        if (load->rule->option_count > 0 || load->rule->refusal_count > 0)
                LOAD_ERROR(load, item, item->column, "style stands before the options, whose names it reads");
        for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
                if (strcmp(item->value, styles[i]) == 0) {
                        load->command->style = (enum style)i;
                        return 0;
                }
        LOAD_ERROR(load, item, item->value_column,
                   "unknown style %s; known: getopt getopt-stop dashword find lsof dig echo", item->value);
        return 0;
}

static int set_dispatch(struct load *load, const struct ini_item *item)
{
        if (strcmp(item->value, "permute") == 0)
                load->command->dispatch = DISPATCH_PERMUTE;
        else if (strcmp(item->value, "stop") == 0)
                load->command->dispatch = DISPATCH_STOP;
        else
                LOAD_ERROR(load, item, item->value_column, "unknown dispatch %s; known: permute stop", item->value);
        return 0;
}

enum { SEVERAL = 1, BASE_ONLY = 2 };

static const struct {
        const char *key;
        unsigned flags;
        int (*load)(struct load *load, const struct ini_item *item);
} keys[] = {
        { "summary", 0, set_summary },
        { "source", SEVERAL, add_source },
        { "leaks", SEVERAL, add_leaks },
        { "omitted", SEVERAL, add_omitted },
        { "hint", 0, set_hint },
        { "flag", SEVERAL, load_flag },
        { "option", SEVERAL, load_option },
        { "operand", SEVERAL, load_operand },
        { "refuse", SEVERAL, load_refuse },
        { "imply", SEVERAL, load_imply },
        { "bsd", SEVERAL, load_letters },
        { "word", SEVERAL, load_word },
        { "operators", SEVERAL, load_operators },
        { "bare", 0, load_bare },
        { "implicit", SEVERAL, load_implicit },
        { "exclusive", SEVERAL, load_exclusive },
        { "require", SEVERAL, load_require },
        { "number", 0, set_number },
        { "prepend", SEVERAL, add_prepend },
        { "append", SEVERAL, add_append },
        { "timeout", 0, set_limit },
        { "output-limit", 0, set_limit },
        { "memory-limit", 0, set_limit },
        { "cpu-limit", 0, set_limit },
        { "process-limit", 0, set_limit },
        { "network", 0, set_network },
        { "helpers", SEVERAL, add_helpers },
        { "reads", SEVERAL, add_reads },
        { "program", BASE_ONLY, set_program },
        { "through", BASE_ONLY, set_through },
        { "style", BASE_ONLY, set_style },
        { "dispatch", BASE_ONLY, set_dispatch },
        { "lex", BASE_ONLY, load_lex },
        { "verb", 0, set_verb },
};

int load_command_item(struct load *load, const struct ini_item *item)
{
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                if (keys[i].key[0] != item->key[0] || strcmp(keys[i].key, item->key) != 0)
                        continue;
                if ((keys[i].flags & BASE_ONLY) != 0 && load->rule != &load->command->base) {
                        LOAD_ERROR(load, item, item->column, "%s belongs to [command %s]", item->key,
                                   load->command->name);
                        return 0;
                }
                if ((keys[i].flags & SEVERAL) == 0 && !load_once(load, &load->seen, item))
                        return 0;
                if (item->value[0] == '\0') {
                        LOAD_ERROR(load, item, item->value_column, "%s has no value", item->key);
                        return 0;
                }
                return keys[i].load(load, item);
        }
        LOAD_ERROR(load, item, item->column, "unknown key %s in [command %s]", item->key, load->rule->name);
        return 0;
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

static int begin_rule(struct rule *rule, const struct ini_item *item, const char *name)
{
        rule->line = item->line;
        rule->file = strdup(item->file);
        rule->name = strdup(name);
        return rule->file == NULL || rule->name == NULL ? -ENOMEM : 0;
}

static int add_command(struct load *load, const struct ini_item *item, const char *name)
{
        struct policy *policy = load->policy;
        struct command **larger = load_grow(policy->commands, policy->command_count, sizeof(struct command *));
        struct command *command;

        if (larger == NULL)
                return -ENOMEM;
        policy->commands = larger;
        command = calloc(1, sizeof(*command));
        if (command == NULL)
                return -ENOMEM;
        larger[policy->command_count++] = command;
        command->name = strdup(name);
        if (command->name == NULL || command_index_put(&policy->index, command) < 0)
                return -ENOMEM;
        load->command = command;
        load->rule = &command->base;
        return begin_rule(&command->base, item, name);
}

/* "status|st" → a list of aliases, the first canonical; *name becomes "systemctl status". */
static int add_verbs(struct rule *rule, char *const *words, struct buf *name)
{
        size_t count = strv_length(words);

        rule->verbs = calloc(count + 1, sizeof(*rule->verbs));
        if (rule->verbs == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                for (const char *at = words[i];; at++) {
                        size_t n = strcspn(at, "|");
                        cleanup_free char *alias = strndup(at, n);

                        if (alias == NULL || strv_append(&rule->verbs[i], alias) < 0)
                                return -ENOMEM;
                        at += n;
                        if (*at == '\0')
                                break;
                }
                buf_printf(name, " %s", rule->verbs[i][0]);
        }
        return name->error;
}

static int borrow_options(struct rule *rule, const struct rule *base)
{
        rule->options = calloc(base->option_count + 1, sizeof(struct option *));
        if (rule->options == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < base->option_count; i++)
                rule->options[i] = base->options[i];
        rule->option_count = base->option_count;
        rule->borrowed = base->option_count;
        return 0;
}

static int add_sub(struct load *load, const struct ini_item *item, struct command *command)
{
        cleanup_buf struct buf name = BUF_INIT(1024);
        struct rule *larger = load_grow(command->subs, command->sub_count, sizeof(*larger));
        struct rule *rule;
        int r;

        if (larger == NULL)
                return -ENOMEM;
        command->subs = larger;
        rule = &larger[command->sub_count++];
        buf_put_text(&name, command->name);
        r = command->dispatch == DISPATCH_PERMUTE ? borrow_options(rule, &command->base) : 0;
        if (r == 0)
                r = add_verbs(rule, item->words + 2, &name);
        if (r == 0)
                r = begin_rule(rule, item, name.data);
        if (r < 0)
                return r;
        for (size_t i = 0; i + 1 < command->sub_count; i++)
                if (strcmp(command->subs[i].name, name.data) == 0)
                        LOAD_ERROR(load, item, item->column, "[command %s] is defined twice, first at %s:%u", name.data,
                                   command->subs[i].file, command->subs[i].line);
        load->command = command;
        load->rule = rule;
        return 0;
}

int load_command_section(struct load *load, const struct ini_item *item)
{
        const char *name = item->words[1];
        struct command *command;

        load->section = SECTION_NONE;
        strv_free(load->seen);
        load->seen = NULL;
        if (name == NULL || strchr(name, '/') != NULL || strchr(name, '|') != NULL || *name == '-' ||
            strcmp(name, "help") == 0) {
                LOAD_ERROR(load, item, item->column,
                           "expected [command NAME] or [command NAME sub-command] (help is built in)");
                return 0;
        }
        if (load->profile != NULL && strcmp(load->profile, name) != 0) {
                LOAD_ERROR(load, item, item->column, "the profile of %s describes %s and nothing else", load->profile,
                           load->profile);
                return 0;
        }
        command = command_index_find(&load->policy->index, name);
        if (item->words[2] == NULL && command != NULL) {
                LOAD_ERROR(load, item, item->column, "[command %s] is defined twice, first at %s:%u", name,
                           command->base.file, command->base.line);
                return 0;
        }
        if (item->words[2] != NULL && command == NULL) {
                LOAD_ERROR(load, item, item->column, "define [command %s] before its sub-commands", name);
                return 0;
        }
        if (command != NULL && strcmp(command->base.file, item->file) != 0) {
                LOAD_ERROR(load, item, item->column, "%s is defined in %s; its sub-commands belong there", name,
                           command->base.file);
                return 0;
        }
        load->section = SECTION_COMMAND;
        return command == NULL ? add_command(load, item, name) : add_sub(load, item, command);
}
