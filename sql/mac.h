/* The key that only moves forward.
 *
 * Linked by: diag-supervisor, diagctl (the object is part of the room and so in diag-ship too).
 *
 * mac_n = HMAC-SHA256(K_n, hash_n), K_{n+1} = HMAC-SHA256(K_n, "pam_diag next key"): from K_{n+1} nobody finds K_n, so whoever
 * takes the key today cannot make the mac of a row of yesterday (RFC 2104; the construction is that of Schneier and Kelsey,
 * "Secure audit logs to support computer forensics", 1999).
 */
#pragma once

#include "sql/auditdb.h"

enum { MAC_KEY_SIZE = 32 };

/* 0, or -EIO when libcrypto fails (HMAC(3)). */
int mac_make(const unsigned char key[MAC_KEY_SIZE], const unsigned char hash[AUDITDB_HASH_SIZE],
             unsigned char ret_mac[AUDITDB_MAC_SIZE]);
/* The next key in place of this one. */
int mac_step(unsigned char key[MAC_KEY_SIZE]);
