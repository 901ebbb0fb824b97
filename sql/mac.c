#include "sql/mac.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static int hmac(const unsigned char key[MAC_KEY_SIZE], const void *data, size_t length, unsigned char *ret_bytes)
{
        unsigned char made[EVP_MAX_MD_SIZE];
        unsigned int size = 0;

        if (HMAC(EVP_sha256(), key, MAC_KEY_SIZE, data, length, made, &size) == NULL || size != AUDITDB_MAC_SIZE)
                return -EIO;
        memcpy(ret_bytes, made, AUDITDB_MAC_SIZE);
        OPENSSL_cleanse(made, sizeof(made));
        return 0;
}

int mac_make(const unsigned char key[MAC_KEY_SIZE], const unsigned char hash[AUDITDB_HASH_SIZE],
             unsigned char ret_mac[AUDITDB_MAC_SIZE])
{
        return hmac(key, hash, AUDITDB_HASH_SIZE, ret_mac);
}

int mac_step(unsigned char key[MAC_KEY_SIZE])
{
        static const char label[] = "pam_diag next key";

        return hmac(key, label, sizeof(label) - 1, key);
}
