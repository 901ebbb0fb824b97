/* The session rules of a PAM service, as libpam puts them together.
 *
 * Linked by: diagctl.
 *
 * Pure: the files come from a function of the caller's. Sources: pam.conf(5), Linux-PAM 1.5 libpam/pam_handlers.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pam_rule {
        char *file;
        unsigned line;
        bool quiet; /* "-session": a missing module is not logged */
        char *control; /* "required", or "[…]" with its brackets */
        char *module;
        char **arguments; /* NULL-terminated, may be NULL */
        unsigned depth; /* of substacks */
        unsigned stack; /* number of the (sub)stack that it stands in: 0 is the service's own */
};

struct pamstack {
        struct pam_rule *rules; /* in the order in which they are run, includes in their places */
        size_t count;
        char *problem; /* the first thing that makes libpam give up or skip a line: file:line: text. NULL: none */
        unsigned stacks;
};

/* The text of a service file: `name` is relative to the services' directory, or absolute. 0 and *ret_text, *ret_path (both malloc),
 * or -errno. */
typedef int pamstack_reader(void *context, const char *name, char **ret_text, char **ret_path);

/* 0 also with a problem; -errno when the service itself cannot be read, -ENOMEM. */
int pamstack_load(const char *service, pamstack_reader *read, void *context, struct pamstack *ret_stack);
void pamstack_free(struct pamstack *stack);
#define cleanup_pamstack __attribute__((cleanup(pamstack_free)))

/* The file name of the rule's module is `name`, with or without a directory. */
bool pam_rule_is(const struct pam_rule *rule, const char *name);

/* The first rule before stack->rules[index] whose success can keep that rule from being run (sufficient, done, a jump), or
 * NULL. */
const struct pam_rule *pamstack_bypass(const struct pamstack *stack, size_t index);
