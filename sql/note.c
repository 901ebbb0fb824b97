#include "sql/note.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "pam_diag/base/hex.h"
#include "sql/note_check.h"

enum { ALGORITHM = 1, SEED_SIZE = 32, BLOB_SIZE = 1 + NOTE_PUBLIC_SIZE };

static const char private_prefix[] = "PRIVATE+KEY+";

static void pkey_free_at(EVP_PKEY **key)
{
        EVP_PKEY_free(*key);
}
#define cleanup_pkey __attribute__((cleanup(pkey_free_at)))

static void context_free_at(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

void note_name(const char *uuid, char ret_name[NOTE_NAME_SIZE])
{
        (void)snprintf(ret_name, NOTE_NAME_SIZE, "pam_diag/%s", uuid);
}

/* SHA-256(name || "\n" || algorithm || public key), its first four bytes. */
static int key_id(const char *name, const unsigned char *public_key, unsigned char ret_id[NOTE_ID_SIZE])
{
        unsigned char text[NOTE_NAME_SIZE + 2 + NOTE_PUBLIC_SIZE];
        unsigned char hash[EVP_MAX_MD_SIZE];
        size_t n = strlen(name);

        for (size_t i = 0; i < n; i++)
                text[i] = (unsigned char)name[i];
        text[n++] = '\n';
        text[n++] = ALGORITHM;
        memcpy(text + n, public_key, NOTE_PUBLIC_SIZE);
        if (EVP_Digest(text, n + NOTE_PUBLIC_SIZE, hash, NULL, EVP_sha256(), NULL) != 1)
                return -EIO;
        memcpy(ret_id, hash, NOTE_ID_SIZE);
        return 0;
}

/* "[prefix]name+id+base64(algorithm || bytes)" */
static int print_key(const char *prefix, const char *name, const unsigned char *id, const unsigned char *bytes,
                     char ret_text[NOTE_KEY_TEXT_SIZE])
{
        unsigned char blob[BLOB_SIZE] = { ALGORITHM };
        char encoded[64];
        char digits[2 * NOTE_ID_SIZE + 1];
        int n;

        memcpy(blob + 1, bytes, NOTE_PUBLIC_SIZE);
        (void)EVP_EncodeBlock((unsigned char *)encoded, blob, BLOB_SIZE);
        hex_print(id, NOTE_ID_SIZE, digits);
        n = snprintf(ret_text, NOTE_KEY_TEXT_SIZE, "%s%s+%s+%s", prefix, name, digits, encoded);
        OPENSSL_cleanse(blob, sizeof(blob));
        OPENSSL_cleanse(encoded, sizeof(encoded));
        return n < NOTE_KEY_TEXT_SIZE ? 0 : -EINVAL;
}

/* The reverse, behind the prefix; the id is that of the text and not checked. */
static int parse_key(const char *text, char ret_name[NOTE_NAME_SIZE], unsigned char ret_id[NOTE_ID_SIZE],
                     unsigned char ret_bytes[NOTE_PUBLIC_SIZE])
{
        unsigned char blob[NOTE_KEY_TEXT_SIZE];
        size_t name = strcspn(text, "+ \t\n");
        const char *id = text + name + 1;
        const char *encoded = id + 2 * (size_t)NOTE_ID_SIZE + 1;

        if (name == 0 || name >= NOTE_NAME_SIZE || text[name] != '+' || hex_parse(id, NOTE_ID_SIZE, ret_id) < 0 ||
            encoded[-1] != '+' || strlen(encoded) != 44 ||
            EVP_DecodeBlock(blob, (const unsigned char *)encoded, 44) != BLOB_SIZE || blob[0] != ALGORITHM)
                return -EINVAL;
        memcpy(ret_name, text, name);
        ret_name[name] = '\0';
        memcpy(ret_bytes, blob + 1, NOTE_PUBLIC_SIZE);
        OPENSSL_cleanse(blob, sizeof(blob));
        return 0;
}

static int public_of(EVP_PKEY *key, unsigned char ret_public[NOTE_PUBLIC_SIZE])
{
        size_t size = NOTE_PUBLIC_SIZE;

        return EVP_PKEY_get_raw_public_key(key, ret_public, &size) == 1 && size == NOTE_PUBLIC_SIZE ? 0 : -EIO;
}

int note_make_key(const char *name, char ret_signer[NOTE_KEY_TEXT_SIZE], char ret_verifier[NOTE_KEY_TEXT_SIZE])
{
        cleanup_pkey EVP_PKEY *key = NULL;
        unsigned char seed[SEED_SIZE];
        unsigned char public_key[NOTE_PUBLIC_SIZE];
        unsigned char id[NOTE_ID_SIZE];
        int r = -EIO;

        if (getrandom(seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
                key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
        if (key != NULL)
                r = public_of(key, public_key);
        if (r == 0)
                r = key_id(name, public_key, id);
        if (r == 0)
                r = print_key(private_prefix, name, id, seed, ret_signer);
        if (r == 0)
                r = print_key("", name, id, public_key, ret_verifier);
        OPENSSL_cleanse(seed, sizeof(seed));
        return r;
}

struct signer {
        EVP_PKEY *key;
        char name[NOTE_NAME_SIZE];
        unsigned char id[NOTE_ID_SIZE];
        unsigned char public_key[NOTE_PUBLIC_SIZE];
};

static void signer_clear(struct signer *signer)
{
        EVP_PKEY_free(signer->key);
}

static int parse_signer(const char *text, struct signer *ret_signer)
{
        unsigned char seed[NOTE_PUBLIC_SIZE];
        unsigned char id[NOTE_ID_SIZE];
        size_t n = strlen(private_prefix);

        if (strncmp(text, private_prefix, n) != 0 || parse_key(text + n, ret_signer->name, ret_signer->id, seed) < 0)
                return -EINVAL;
        ret_signer->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
        OPENSSL_cleanse(seed, sizeof(seed));
        if (ret_signer->key == NULL || public_of(ret_signer->key, ret_signer->public_key) < 0 ||
            key_id(ret_signer->name, ret_signer->public_key, id) < 0)
                return -EIO;
        return memcmp(id, ret_signer->id, sizeof(id)) == 0 ? 0 : -EINVAL;
}

int note_verifier_of(const char *text, char ret_verifier[NOTE_KEY_TEXT_SIZE])
{
        __attribute__((cleanup(signer_clear))) struct signer signer = { 0 };
        int r = parse_signer(text, &signer);

        return r < 0 ? r : print_key("", signer.name, signer.id, signer.public_key, ret_verifier);
}

int note_parse_verifier(const char *text, struct note_verifier *ret_verifier)
{
        struct note_verifier verifier = { .name = "" };
        unsigned char id[NOTE_ID_SIZE];
        int r = parse_key(text, verifier.name, verifier.id, verifier.public_key);

        if (r == 0)
                r = key_id(verifier.name, verifier.public_key, id);
        if (r < 0)
                return r;
        if (memcmp(id, verifier.id, sizeof(id)) != 0)
                return -EINVAL;
        *ret_verifier = verifier;
        return 0;
}

size_t note_put_body(const struct note *note, char ret_text[NOTE_TEXT_MOST])
{
        char hash[64];

        (void)EVP_EncodeBlock((unsigned char *)hash, note->hash, AUDITDB_HASH_SIZE);
        return (size_t)snprintf(ret_text, NOTE_TEXT_MOST, "%s\n%" PRId64 "\n%s\ntime %" PRId64 "\n", note->name,
                                note->seq, hash, note->time_us);
}

int note_sign(const struct note *note, const char *text, char ret_text[NOTE_TEXT_MOST])
{
        __attribute__((cleanup(signer_clear))) struct signer signer = { 0 };
        __attribute__((cleanup(context_free_at))) EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char blob[NOTE_ID_SIZE + NOTE_SIGNATURE_SIZE];
        char encoded[128];
        size_t size = NOTE_SIGNATURE_SIZE;
        size_t body = note_put_body(note, ret_text);
        int r = parse_signer(text, &signer);

        if (r < 0)
                return r;
        if (strcmp(signer.name, note->name) != 0)
                return -EINVAL;
        memcpy(blob, signer.id, NOTE_ID_SIZE);
        if (context == NULL || EVP_DigestSignInit(context, NULL, NULL, NULL, signer.key) != 1 ||
            EVP_DigestSign(context, blob + NOTE_ID_SIZE, &size, (const unsigned char *)ret_text, body) != 1 ||
            size != NOTE_SIGNATURE_SIZE)
                return -EIO;
        (void)EVP_EncodeBlock((unsigned char *)encoded, blob, sizeof(blob));
        (void)snprintf(ret_text + body, NOTE_TEXT_MOST - body, "\n\u2014 %s %s\n", note->name, encoded);
        return 0;
}

bool note_check(const struct note *note, const unsigned char *signature, const struct note_verifier *verifier)
{
        __attribute__((cleanup(context_free_at))) EVP_MD_CTX *context = EVP_MD_CTX_new();
        cleanup_pkey EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, verifier->public_key,
                                                                 sizeof(verifier->public_key));
        char text[NOTE_TEXT_MOST];
        size_t body = note_put_body(note, text);

        return context != NULL && key != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestVerify(context, signature, NOTE_SIGNATURE_SIZE, (const unsigned char *)text, body) == 1;
}
