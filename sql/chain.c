#include "sql/chain.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

static void context_free_at(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

int chain_next(const unsigned char *before, const void *rec, size_t length, unsigned char ret_hash[CHAIN_HASH_SIZE])
{
        static const unsigned char zeros[CHAIN_HASH_SIZE];
        __attribute__((cleanup(context_free_at))) EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned int size = 0;

        if (context == NULL)
                return -ENOMEM;
        if (EVP_DigestInit_ex(context, EVP_sha3_256(), NULL) != 1 ||
            EVP_DigestUpdate(context, before != NULL ? before : zeros, CHAIN_HASH_SIZE) != 1 ||
            EVP_DigestUpdate(context, rec, length) != 1 || EVP_DigestFinal_ex(context, hash, &size) != 1 ||
            size != CHAIN_HASH_SIZE)
                return -EIO;
        memcpy(ret_hash, hash, CHAIN_HASH_SIZE);
        return 0;
}
