#include "pam_diag/base/plain.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static bool is_plain(unsigned char c)
{
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The highest bit of every byte that is zero; above such a byte it may be set wrongly, never below (Hacker's Delight, 6-1). */
static uint64_t zeros(uint64_t word)
{
        return (word - EACH(0x01)) & ~word & EACH(0x80);
}

/* The same for bytes that are not plain. */
static uint64_t odd_bytes(uint64_t word)
{
        uint64_t controls = (word - EACH(0x20)) & ~word;

        return ((controls | word) & EACH(0x80)) | zeros(word ^ EACH('"')) | zeros(word ^ EACH('\\')) |
               zeros(word ^ EACH(0x7f));
}

size_t plain_length(const char *text, size_t length)
{
        size_t i = 0;

        for (; length - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
                uint64_t word;
                uint64_t odd;

                memcpy(&word, text + i, sizeof(word));
                odd = odd_bytes(le64toh(word));
                if (odd != 0)
                        return i + (size_t)__builtin_ctzll(odd) / 8;
        }
        while (i < length && is_plain((unsigned char)text[i]))
                i++;
        return i;
}
