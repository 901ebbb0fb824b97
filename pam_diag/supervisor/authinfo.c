#include "pam_diag/supervisor/authinfo.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

#define CERT_SUFFIX "-cert-v01@openssh.com"

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

/* One string of RFC 4251, 5: its length in four bytes, then its bytes; *at moves behind it. */
static bool take_string(const unsigned char **at, size_t *left, const unsigned char **ret_string, size_t *ret_length)
{
        size_t length;

        if (*left < 4)
                return false;
        length = (size_t)(*at)[0] << 24 | (size_t)(*at)[1] << 16 | (size_t)(*at)[2] << 8 | (*at)[3];
        if (length > *left - 4)
                return false;
        *ret_string = *at;
        *ret_length = 4 + length;
        *at += 4 + length;
        *left -= 4 + length;
        return true;
}

/* A certificate holds type, nonce, the key's own fields, and what is said about it (OpenSSH, PROTOCOL.certkeys). */
static unsigned key_fields(const char *type)
{
        static const struct {
                const char *type;
                unsigned fields;
        } known[] = {
                { "ssh-ed25519", 1 },
                { "ssh-rsa", 2 },
                { "ecdsa-sha2-nistp256", 2 },
                { "ecdsa-sha2-nistp384", 2 },
                { "ecdsa-sha2-nistp521", 2 },
                { "sk-ssh-ed25519", 2 },
                { "sk-ecdsa-sha2-nistp256", 3 },
        };
        size_t n = strlen(type) - strlen(CERT_SUFFIX);

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                if (strlen(known[i].type) == n && strncmp(known[i].type, type, n) == 0)
                        return known[i].fields;
        return 0;
}

static bool is_certificate(const char *type)
{
        size_t n = strlen(type);

        return n > strlen(CERT_SUFFIX) && strcmp(type + n - strlen(CERT_SUFFIX), CERT_SUFFIX) == 0;
}

/* A certificate is known by its key, as `ssh-keygen -l` shows it: what is signed anew is the same key. In place: the key's blob is
 * never longer. -EINVAL when it is none. */
static int strip_certificate(const char *type, unsigned char *blob, int *length)
{
        size_t name = strlen(type) - strlen(CERT_SUFFIX);
        size_t suffix = strncmp(type, "sk-", 3) == 0 ? strlen("@openssh.com") : 0;
        unsigned fields = key_fields(type);
        const unsigned char *at = blob;
        size_t left = (size_t)*length;
        const unsigned char *from;
        const unsigned char *string;
        size_t n;

        if (fields == 0 || !take_string(&at, &left, &string, &n) || n != 4 + strlen(type) ||
            memcmp(string + 4, type, strlen(type)) != 0 || !take_string(&at, &left, &string, &n))
                return -EINVAL;
        from = at;
        for (unsigned i = 0; i < fields; i++)
                if (!take_string(&at, &left, &string, &n))
                        return -EINVAL;
        blob[0] = blob[1] = 0;
        blob[2] = (unsigned char)((name + suffix) >> 8);
        blob[3] = (unsigned char)(name + suffix);
        memcpy(blob + 4 + name, "@openssh.com", suffix);
        memmove(blob + 4 + name + suffix, from, (size_t)(at - from));
        *length = (int)(4 + name + suffix + (size_t)(at - from));
        return 0;
}

/* SHA-256 of the key's bytes in base64 without padding. 0 with NULL when the base64 is none. */
static int fingerprint_of(const char *type, const char *base64, size_t length, char **ret_fingerprint)
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
        if (n > 0 && is_certificate(type) && strip_certificate(type, key, &n) < 0)
                return 0;
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
        return fingerprint_of(info->key_type, key, strcspn(key, " \n"), &info->fingerprint);
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
