#include "pam_diag/base/plain.h"

#include "pam_diag/base/eight.h"

static bool is_plain(unsigned char c)
{
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static uint64_t odd_bytes(uint64_t word)
{
        return eight_below(word, 0x20) | (word & EIGHT_OF(0x80)) | eight_equal(word, 0x7f) | eight_equal(word, '"') |
               eight_equal(word, '\\');
}

size_t plain_length(const char *text, size_t length)
{
        size_t i = 0;

        for (; length - i >= 8; i += 8) {
                uint64_t odd = odd_bytes(eight_load(text + i));

                if (odd != 0)
                        return i + eight_first(odd);
        }
        while (i < length && is_plain((unsigned char)text[i]))
                i++;
        return i;
}
