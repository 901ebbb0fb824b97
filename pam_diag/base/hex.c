#include "pam_diag/base/hex.h"

#include <errno.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

void hex_print(const void *bytes, size_t length, char *ret_text)
{
        const unsigned char *from = bytes;

        for (size_t i = 0; i < length; i++) {
                ret_text[2 * i] = digits[from[i] >> 4];
                ret_text[2 * i + 1] = digits[from[i] & 0xf];
        }
        ret_text[2 * length] = '\0';
}

static int digit(char c)
{
        const char *at = c != '\0' ? strchr(digits, c) : NULL;

        return at != NULL ? (int)(at - digits) : -1;
}

int hex_parse(const char *text, size_t length, void *ret_bytes)
{
        unsigned char *to = ret_bytes;

        for (size_t i = 0; i < 2 * length; i++)
                if (digit(text[i]) < 0)
                        return -EINVAL;
        for (size_t i = 0; i < length; i++)
                to[i] = (unsigned char)(digit(text[2 * i]) * 16 + digit(text[2 * i + 1]));
        return 0;
}
