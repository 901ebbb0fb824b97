#include "pam_diag/ctl/pamstack.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/ctl/pamline.h"

enum { NESTING_MOST = 16, RULES_MOST = 1000 };

struct load {
        struct pamstack *stack;
        pamstack_reader *read;
        void *context;
        unsigned nesting;
        unsigned depth;
        unsigned number; /* of the present stack */
};

static void rule_clear(struct pam_rule *rule)
{
        free(rule->file);
        free(rule->control);
        free(rule->module);
        strv_free(rule->arguments);
}

void pamstack_free(struct pamstack *stack)
{
        for (size_t i = 0; i < stack->count; i++)
                rule_clear(&stack->rules[i]);
        free(stack->rules);
        free(stack->problem);
        *stack = (struct pamstack){ 0 };
}

static int note(struct load *load, const char *file, unsigned line, const char *text, const char *name)
{
        if (load->stack->problem == NULL &&
            asprintf(&load->stack->problem, "%s:%u: %s %s", file, line, text, name) < 0) {
                load->stack->problem = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int read_service(struct load *load, const char *name);

static int include(struct load *load, const char *file, unsigned line, const char *name, bool substack)
{
        struct load inner = *load;
        int r;

        if (load->nesting >= NESTING_MOST)
                return note(load, file, line, "too deeply nested:", name);
        inner.nesting++;
        if (substack) {
                inner.depth++;
                inner.number = ++load->stack->stacks;
        }
        r = read_service(&inner, name);
        return r < 0 && r != -ENOMEM ? note(load, file, line, "cannot read the included", name) : r;
}

static int add(struct load *load, const char *file, unsigned line, char **words)
{
        struct pamstack *stack = load->stack;
        struct pam_rule rule = {
                .line = line, .quiet = words[0][0] == '-', .depth = load->depth, .stack = load->number
        };
        struct pam_rule *rules;
        int r = 0;

        if (stack->count >= RULES_MOST)
                return note(load, file, line, "too many rules, at", words[2]);
        rules = reallocarray(stack->rules, stack->count + 1, sizeof(*rules));
        if (rules == NULL)
                return -ENOMEM;
        stack->rules = rules;
        rule.file = strdup(file);
        rule.control = strdup(words[1]);
        rule.module = strdup(words[2]);
        for (size_t i = 3; r == 0 && words[i] != NULL; i++)
                r = strv_append(&rule.arguments, words[i]);
        if (r < 0 || rule.file == NULL || rule.control == NULL || rule.module == NULL) {
                rule_clear(&rule);
                return -ENOMEM;
        }
        rules[stack->count++] = rule;
        return 0;
}

static bool is_type(const char *word, const char *type)
{
        return strcasecmp(word[0] == '-' ? word + 1 : word, type) == 0;
}

static int take_line(struct load *load, const char *file, unsigned line, char **words)
{
        static const char *const others[] = { "auth", "account", "password" };
        size_t count = strv_length(words);

        if (strcasecmp(words[0], "@include") == 0)
                return count < 2 ? note(load, file, line, "no name behind", words[0])
                                 : include(load, file, line, words[1], false);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                if (is_type(words[0], others[i]))
                        return 0;
        if (!is_type(words[0], "session"))
                return note(load, file, line, "unknown type", words[0]);
        if (count < 3)
                return note(load, file, line, "no module behind", words[count - 1]);
        if (strcasecmp(words[1], "include") == 0 || strcasecmp(words[1], "substack") == 0)
                return include(load, file, line, words[2], strcasecmp(words[1], "substack") == 0);
        return add(load, file, line, words);
}

static int read_service(struct load *load, const char *name)
{
        cleanup_free char *text = NULL;
        cleanup_free char *path = NULL;
        const char *rest;
        unsigned at = 0;
        int r = load->read(load->context, name, &text, &path);

        if (r < 0)
                return r;
        for (rest = text; r == 0 && *rest != '\0';) {
                cleanup_strv char **words = NULL;
                unsigned line = 0;

                r = pamline_next(&rest, &at, &words, &line);
                if (r == 0 && words != NULL)
                        r = take_line(load, path, line, words);
        }
        return r;
}

int pamstack_load(const char *service, pamstack_reader *read, void *context, struct pamstack *ret_stack)
{
        struct pamstack stack = { 0 };
        struct load load = { .stack = &stack, .read = read, .context = context };
        int r = read_service(&load, service);

        if (r < 0)
                pamstack_free(&stack);
        else
                *ret_stack = stack;
        return r;
}

bool pam_rule_is(const struct pam_rule *rule, const char *name)
{
        const char *slash = strrchr(rule->module, '/');

        return strcmp(slash != NULL ? slash + 1 : rule->module, name) == 0;
}

/* How many rules a success lets pass unrun: 0 none, SIZE_MAX all of its stack. Of several return values the worst counts: each of them
 * can come. */
static size_t jump_of(const char *control)
{
        size_t worst = 0;

        if (strcasecmp(control, "sufficient") == 0)
                return SIZE_MAX;
        if (control[0] != '[')
                return 0;
        for (const char *at = strchr(control, '='); at != NULL; at = strchr(at + 1, '=')) {
                size_t blanks = strspn(at + 1, " \t");
                size_t n = strcspn(at + 1 + blanks, " \t]");
                cleanup_free char *action = strndup(at + 1 + blanks, n);
                uint64_t jump = 0;

                if (action == NULL || strcasecmp(action, "done") == 0)
                        return SIZE_MAX;
                if (num_parse_u64(action, 1, RULES_MOST, &jump) == 0 && jump > worst)
                        worst = (size_t)jump;
        }
        return worst;
}

/* How many a rule must jump over to pass the one at `index` by: rules of its own stack, and each substack as one. Where that cannot be
 * seen (a substack of nothing but substacks) the number is too small, so that a warning is given too often and not too seldom. */
static size_t distance(const struct pamstack *stack, size_t from, size_t index)
{
        const struct pam_rule *rule = &stack->rules[from];
        unsigned seen = rule->stack;
        size_t count = 0;

        for (size_t k = from + 1; k <= index; k++) {
                const struct pam_rule *next = &stack->rules[k];

                if (next->stack == rule->stack) {
                        count++;
                } else if (next->depth == rule->depth + 1 && next->stack > seen) {
                        seen = next->stack;
                        count++;
                }
        }
        return count == 0 ? 1 : count;
}

const struct pam_rule *pamstack_bypass(const struct pamstack *stack, size_t index)
{
        const struct pam_rule *ours = &stack->rules[index];

        for (size_t i = 0; i < index; i++) {
                const struct pam_rule *rule = &stack->rules[i];
                size_t jump = jump_of(rule->control);

                /* What ends or jumps inside of a substack of its own ends only that. */
                if (jump > 0 && (rule->stack == ours->stack || rule->depth < ours->depth) &&
                    jump >= distance(stack, i, index))
                        return rule;
        }
        return NULL;
}
