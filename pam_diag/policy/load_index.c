#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/policy/load.h"

enum { ROOM_FIRST = 64 };

/* FNV-1a (RFC 9923). A policy is root's own: nobody chooses names that collide. */
static size_t hash(const char *name)
{
        uint64_t value = UINT64_C(0xcbf29ce484222325);

        for (; *name != '\0'; name++)
                value = (value ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
        return (size_t)(value ^ value >> 32);
}

/* Where the command of that name is, or the free slot where it belongs. */
static struct command **find_slot(const struct load_index *index, const char *name)
{
        for (size_t i = hash(name);; i++) {
                struct command **slot = &index->slots[i & (index->room - 1)];

                if (*slot == NULL || strcmp((*slot)->name, name) == 0)
                        return slot;
        }
}

struct command *load_index_find(const struct load_index *index, const char *name)
{
        return index->room == 0 ? NULL : *find_slot(index, name);
}

static int grow(struct load_index *index)
{
        struct load_index larger = { .room = index->room == 0 ? ROOM_FIRST : 2 * index->room, .count = index->count };

        larger.slots = calloc(larger.room, sizeof(struct command *));
        if (larger.slots == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < index->room; i++)
                if (index->slots[i] != NULL)
                        *find_slot(&larger, index->slots[i]->name) = index->slots[i];
        free(index->slots);
        *index = larger;
        return 0;
}

int load_index_put(struct load_index *index, struct command *command)
{
        /* At most half full, so that every search ends soon. */
        if (2 * (index->count + 1) > index->room && grow(index) < 0)
                return -ENOMEM;
        *find_slot(index, command->name) = command;
        index->count++;
        return 0;
}
