/* Eight bytes of a text looked at at once (Hacker's Delight, chapter 6).
 *
 * Linked by: diag-ship, diagctl.
 *
 * Marks are the highest bits of bytes, the first byte of the text lowest. Where it is not said otherwise the first mark is right, and above
 * it marks may be set wrongly.
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

static inline void eight_store(char *text, uint64_t word)
{
        word = htole64(word);
        memcpy(text, &word, sizeof(word));
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

/* Marks control characters, quotation marks and backslashes: what a string of JSON cannot hold as it is. Every mark is right. */
static inline uint64_t eight_escaped(uint64_t word)
{
        uint64_t low = word & EIGHT_OF(0x7f);
        uint64_t not_quote = (low ^ EIGHT_OF('"')) + EIGHT_OF(0x7f);
        uint64_t not_slash = (low ^ EIGHT_OF('\\')) + EIGHT_OF(0x7f);
        uint64_t not_control = low + EIGHT_OF(0x60);

        return ~((not_quote & not_slash & not_control) | word) & EIGHT_OF(0x80);
}

/* Which byte the first mark is of; there is one. */
static inline unsigned eight_first(uint64_t marks)
{
        return (unsigned)__builtin_ctzll(marks) / 8;
}
