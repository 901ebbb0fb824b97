#include "shipper/slug.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sql/chain.h"

enum { READABLE_MOST = 48, DIGEST_BYTES = 8 };

static bool is_plain(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
}

int slug_make(const char *spec, char ret_slug[SLUG_SIZE])
{
        unsigned char hash[CHAIN_HASH_SIZE];
        char slug[SLUG_SIZE];
        size_t n = 0;
        int r;

        r = chain_next(NULL, spec, strlen(spec), hash);
        if (r < 0)
                return r;
        for (const char *c = spec; *c != '\0' && n < READABLE_MOST; c++) {
                /* No leading dot, and one '-' for any run of other characters. */
                if (is_plain(*c) && (n > 0 || *c != '.'))
                        slug[n++] = *c;
                else if (n > 0 && slug[n - 1] != '-')
                        slug[n++] = '-';
        }
        if (n > 0 && slug[n - 1] != '-')
                slug[n++] = '-';
        for (size_t i = 0; i < DIGEST_BYTES; i++)
                n += (size_t)snprintf(slug + n, sizeof(slug) - n, "%02x", hash[i]);
        memcpy(ret_slug, slug, n + 1);
        return 0;
}
