/* Eight bytes of a text looked at at once (Hacker's Delight, chapter 6).
 *
 * Linked by: diag-ship, diagctl.
 *
 * Marks are the highest bits of bytes, the first byte of the text lowest. The first mark is right; above it, marks may be set wrongly.
 */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t eight_load(const char *text)
{
        uint64_t word;

        memcpy(&word, text, sizeof(word));
        return le64toh(word);
}

/* Marks bytes below `limit`, which is 128 at most. */
static inline uint64_t eight_below(uint64_t word, unsigned char limit)
{
        return (word - EIGHT_OF(limit)) & ~word & EIGHT_OF(0x80);
}

static inline uint64_t eight_equal(uint64_t word, unsigned char byte)
{
        return eight_below(word ^ EIGHT_OF(byte), 1);
}

/* Which byte the first mark is of; there is one. */
static inline unsigned eight_first(uint64_t marks)
{
        return (unsigned)__builtin_ctzll(marks) / 8;
}
