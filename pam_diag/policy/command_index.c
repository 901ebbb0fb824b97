#include "pam_diag/policy/command_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/policy/grammar.h"

enum { ROOM_FIRST = 64 };

/* FNV-1a (RFC 9923). A policy is root's own: nobody chooses names that collide. */
static uint64_t hash_name(const char *name)
{
        uint64_t value = UINT64_C(0xcbf29ce484222325);

        for (; *name != '\0'; name++)
                value = (value ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
        return value ^ value >> 32;
}

/* Where the command of that name is, or the free slot where it belongs. */
static struct command_slot *find_slot(const struct command_index *index, uint64_t hash, const char *name)
{
        for (uint64_t i = hash;; i++) {
                struct command_slot *slot = &index->slots[i & (index->room - 1)];

                if (slot->command == NULL || (slot->hash == hash && strcmp(slot->command->name, name) == 0))
                        return slot;
        }
}

struct command *command_index_find(const struct command_index *index, const char *name)
{
        return index->room == 0 ? NULL : find_slot(index, hash_name(name), name)->command;
}

static int grow(struct command_index *index)
{
        struct command_index larger = { .room = index->room == 0 ? ROOM_FIRST : 2 * index->room,
                                        .count = index->count };

        larger.slots = calloc(larger.room, sizeof(struct command_slot));
        if (larger.slots == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < index->room; i++)
                if (index->slots[i].command != NULL)
                        *find_slot(&larger, index->slots[i].hash, index->slots[i].command->name) = index->slots[i];
        free(index->slots);
        *index = larger;
        return 0;
}

int command_index_put(struct command_index *index, struct command *command)
{
        uint64_t hash = hash_name(command->name);

        /* At most half full, so that every search ends soon. */
        if (2 * (index->count + 1) > index->room && grow(index) < 0)
                return -ENOMEM;
        *find_slot(index, hash, command->name) = (struct command_slot){ .hash = hash, .command = command };
        index->count++;
        return 0;
}

void command_index_clear(struct command_index *index)
{
        free(index->slots);
        *index = (struct command_index){ 0 };
}
