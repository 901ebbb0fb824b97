#include "sql/keyslot.h"

#include <endian.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#include "sql/chain.h"

/* As it lies in the file; numbers big endian, no padding. */
struct layout {
        char magic[8];
        char uuid[40];
        uint64_t seq;
        uint64_t head_seq;
        uint64_t head_boot_us;
        unsigned char key[MAC_KEY_SIZE];
        unsigned char check[CHAIN_HASH_SIZE]; /* over everything before it */
};
_Static_assert(sizeof(struct layout) == 136 && sizeof(struct layout) <= KEYSLOT_SIZE, "the file's format");

static const char magic[8] = "pdkey-1";

int keyslot_print(const struct keyslot *slot, unsigned char ret_bytes[KEYSLOT_SIZE])
{
        struct layout layout = { .seq = htobe64((uint64_t)slot->seq),
                                 .head_seq = htobe64((uint64_t)slot->head_seq),
                                 .head_boot_us = htobe64((uint64_t)slot->head_boot_us) };
        int r;

        memcpy(layout.magic, magic, sizeof(magic));
        memcpy(layout.uuid, slot->uuid, sizeof(slot->uuid));
        memcpy(layout.key, slot->key, sizeof(slot->key));
        r = chain_next(NULL, &layout, offsetof(struct layout, check), layout.check);
        if (r == 0) {
                memset(ret_bytes, 0, KEYSLOT_SIZE);
                memcpy(ret_bytes, &layout, sizeof(layout));
        }
        OPENSSL_cleanse(&layout, sizeof(layout));
        return r;
}

static int take(const struct layout *layout, struct keyslot *ret_slot)
{
        struct keyslot slot = { .seq = (int64_t)be64toh(layout->seq),
                                .head_seq = (int64_t)be64toh(layout->head_seq),
                                .head_boot_us = (int64_t)be64toh(layout->head_boot_us) };
        unsigned char check[CHAIN_HASH_SIZE];
        int r = chain_next(NULL, layout, offsetof(struct layout, check), check);

        if (r < 0)
                return r;
        if (memcmp(layout->magic, magic, sizeof(magic)) != 0 || memcmp(layout->check, check, sizeof(check)) != 0 ||
            memchr(layout->uuid, '\0', sizeof(layout->uuid)) != layout->uuid + AUDITDB_UUID_SIZE - 1 || slot.seq < 1)
                return -EBADMSG;
        memcpy(slot.uuid, layout->uuid, sizeof(slot.uuid));
        memcpy(slot.key, layout->key, sizeof(slot.key));
        *ret_slot = slot;
        OPENSSL_cleanse(&slot, sizeof(slot));
        return 0;
}

int keyslot_parse(const unsigned char bytes[KEYSLOT_SIZE], struct keyslot *ret_slot)
{
        struct layout layout;
        int r;

        memcpy(&layout, bytes, sizeof(layout));
        r = take(&layout, ret_slot);
        OPENSSL_cleanse(&layout, sizeof(layout));
        return r;
}
