/* Commands by name. While a policy is read they come in any order; afterwards each stage of a line asks once.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct command;

/* A slot holds the name's hash beside the command: a search comes by other commands without a look at them, so that it
 * costs the same in a large policy as in a small one. */
struct command_slot {
        uint64_t hash;
        struct command *command; /* NULL: free */
};

struct command_index {
        struct command_slot *slots;
        size_t room; /* a power of two */
        size_t count;
};

struct command *command_index_find(const struct command_index *index, const char *name);
/* The command stays its owner's, and must outlive the index; its name must not be in it yet. -ENOMEM. */
int command_index_put(struct command_index *index, struct command *command);
/* Leaves it empty. */
void command_index_clear(struct command_index *index);
