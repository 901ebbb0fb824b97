/* What the key file holds: two slots, each the whole state.
 *
 * Linked by: diag-supervisor, diagctl (the object is part of the room and so in diag-ship too).
 *
 * The file is written in place, each time into the slot that is not the newest: a torn or lost write leaves the other one. It
 * is not replaced by rename, which would leave every old key in a freed block of the disk.
 */
#pragma once

#include <stdint.h>

#include "sql/auditdb.h"
#include "sql/mac.h"

enum {
        KEYSLOT_SIZE = 512, /* a sector: what disks write whole */
        KEYSLOT_COUNT = 2,
};

struct keyslot {
        char uuid[AUDITDB_UUID_SIZE]; /* of the database */
        int64_t seq; /* of the row that the key is for: the next one */
        unsigned char key[MAC_KEY_SIZE];
        int64_t head_seq; /* of the newest head row; 0: none yet */
        int64_t head_boot_us; /* CLOCK_BOOTTIME then */
};

/* With a checksum (SHA3-256). 0, or -EIO when libcrypto fails. */
int keyslot_print(const struct keyslot *slot, unsigned char ret_bytes[KEYSLOT_SIZE]);
/* -EBADMSG for what keyslot_print did not make. */
int keyslot_parse(const unsigned char bytes[KEYSLOT_SIZE], struct keyslot *ret_slot);
