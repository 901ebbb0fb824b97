#include "pam_diag/supervisor/authinfo.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

enum { DIGEST_SIZE = 32, BASE64_SIZE = 45, KEY_MOST = 64 * 1024 };

void authinfo_free(struct authinfo *info)
{
        free(info->method);
        free(info->key_type);
        free(info->fingerprint);
        *info = (struct authinfo){ 0 };
}

/* EVP_DecodeBlock alone would take padding anywhere and blanks at both ends. */
static bool is_base64(const char *text, size_t length)
{
        size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

        return length % 4 == 0 && n > 0 && n <= length && length - n <= 2 && strspn(text + n, "=") >= length - n;
}

/* SHA-256 of the key's bytes in base64 without padding. 0 with NULL when the base64 is none. */
static int fingerprint_of(const char *base64, size_t length, char **ret_fingerprint)
{
        cleanup_free unsigned char *key = NULL;
        unsigned char digest[DIGEST_SIZE];
        unsigned char text[BASE64_SIZE];
        int n;

        if (!is_base64(base64, length) || length > KEY_MOST)
                return 0;
        key = malloc(length);
        if (key == NULL)
                return -ENOMEM;
        n = EVP_DecodeBlock(key, (const unsigned char *)base64, (int)length);
        if (n < 0)
                return 0;
        /* EVP_DecodeBlock counts the padding as bytes. */
        for (size_t i = length; i > length - 2 && base64[i - 1] == '='; i--)
                n--;
        if (n <= 0 || EVP_Digest(key, (size_t)n, digest, NULL, EVP_sha256(), NULL) != 1)
                return 0;
        n = EVP_EncodeBlock(text, digest, sizeof(digest));
        while (n > 0 && text[n - 1] == '=')
                n--;
        return asprintf(ret_fingerprint, "SHA256:%.*s", n, (const char *)text) < 0 ? -ENOMEM : 0;
}

static int parse_line(const char *line, size_t length, struct authinfo *info)
{
        const char *end = line + length;
        const char *type = memchr(line, ' ', length);
        const char *key;

        if (type == line)
                return 0;
        info->method = strndup(line, type == NULL ? length : (size_t)(type - line));
        if (info->method == NULL)
                return -ENOMEM;
        if (type == NULL)
                return 0;
        type++;
        key = memchr(type, ' ', (size_t)(end - type));
        if (key == NULL || key == type)
                return 0;
        info->key_type = strndup(type, (size_t)(key - type));
        if (info->key_type == NULL)
                return -ENOMEM;
        key++;
        return fingerprint_of(key, strcspn(key, " \n"), &info->fingerprint);
}

int authinfo_parse(const char *text, struct authinfo *ret_info)
{
        cleanup_authinfo struct authinfo best = { 0 };

        while (text != NULL && *text != '\0') {
                size_t length = strcspn(text, "\n");
                cleanup_authinfo struct authinfo info = { 0 };
                int r = length == 0 ? 0 : parse_line(text, length, &info);

                if (r < 0)
                        return r;
                if (info.method != NULL && (info.fingerprint != NULL || best.fingerprint == NULL)) {
                        struct authinfo old = best;

                        best = info;
                        info = old;
                }
                text += length + (text[length] == '\n');
        }
        *ret_info = best;
        best = (struct authinfo){ 0 };
        return 0;
}
