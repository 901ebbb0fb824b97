/* The table of types: how each is called, what follows its name, and what a value of it looks like.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/types.h"

enum type_argument {
        ARGUMENT_NONE,
        ARGUMENT_RANGE, /* integer 0..10 */
        ARGUMENT_CHOICES, /* one-of a b c */
        ARGUMENT_REGEX, /* match ERE */
};

struct type_class {
        const char *name;
        enum type_argument argument;
        /* What is wrong with the value, as a sentence that follows it; NULL: nothing. Or, where the sentence depends on
         * the value, a check that writes it: 0 or -EINVAL. */
        const char *(*simple)(const struct type *type, const char *value);
        int (*check)(const struct type *type, const char *value, struct buf *wrong);
};

/* Indexed by enum type_kind. */
extern const struct type_class type_classes[TYPE_KINDS];

/* Letters, digits and such, 1 to `most` bytes. */
bool type_is_made_of(const char *value, const char *characters, size_t most);
#define TYPE_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TYPE_DIGITS "0123456789"

/* types_net.c */
const char *type_check_host(const struct type *type, const char *value);
const char *type_check_address(const struct type *type, const char *value);
const char *type_check_prefix(const struct type *type, const char *value);
const char *type_check_port(const struct type *type, const char *value);
const char *type_check_interface(const struct type *type, const char *value);
const char *type_check_inet(const struct type *type, const char *value);
const char *type_check_endpoint(const struct type *type, const char *value);

/* types_template.c */
int type_check_template(const struct type *type, const char *value, struct buf *wrong);

/* types_list.c: values with commas, and choices */
int type_check_choice(const struct type *type, const char *value, struct buf *wrong);
int type_check_list(const struct type *type, const char *value, struct buf *wrong);
bool type_is_choice(char *const *choices, const char *value, size_t length);
bool type_is_name(const char *value, size_t length);
