/* Heads of the chain as signed notes, in the form of C2SP's tlog-checkpoint and signed-note (c2sp.org), Ed25519 (RFC 8032):
 *
 *     pam_diag/3f1c…                 origin: the database's name
 *     1000                           seq of the row
 *     <base64 of its hash>
 *     time 1764000000000000          µs since 1970, as the host's clock said
 *
 *     — pam_diag/3f1c… <base64 of key id and signature>
 *
 * The hash is that of a chain and not of a Merkle tree: what the format's tools can check is the signature.
 *
 * Linked by: diag-supervisor, diagctl (the object is part of the room and so in diag-ship too).
 *
 * What a signature shows: that the note was made by whoever could read this host's signing key, its auditor or its root, and by
 * nobody between the host and whoever keeps the note; and two notes of one row with different hashes show that one of them
 * lies. What it cannot show: that the rows are true, or when it was signed. A note is a witness because it left the host before.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sql/auditdb.h"

enum {
        NOTE_NAME_SIZE = 64,
        NOTE_KEY_TEXT_SIZE = 160, /* a verifier or a signer, text */
        NOTE_TEXT_MOST = 512,
        NOTE_PUBLIC_SIZE = 32,
        NOTE_ID_SIZE = 4,
};

/* "pam_diag/UUID": the origin of the notes, and the name of the key that signs them. */
void note_name(const char *uuid, char ret_name[NOTE_NAME_SIZE]);

/* A new key: "PRIVATE+KEY+name+id+base64", and for the verifiers "name+id+base64". -EIO when libcrypto or the kernel's random bytes
 * fail. */
int note_make_key(const char *name, char ret_signer[NOTE_KEY_TEXT_SIZE], char ret_verifier[NOTE_KEY_TEXT_SIZE]);
/* The verifier of a signer. -EINVAL when that is none. */
int note_verifier_of(const char *signer, char ret_verifier[NOTE_KEY_TEXT_SIZE]);

struct note_verifier {
        char name[NOTE_NAME_SIZE];
        unsigned char id[NOTE_ID_SIZE];
        unsigned char public_key[NOTE_PUBLIC_SIZE];
};
/* -EINVAL when it is none, or its id is not that of its key. */
int note_parse_verifier(const char *text, struct note_verifier *ret_verifier);

/* A head of the chain; also what note_scan finds. */
struct note {
        char name[NOTE_NAME_SIZE];
        int64_t seq;
        unsigned char hash[AUDITDB_HASH_SIZE];
        int64_t time_us;
};

/* *ret_text is NUL-terminated. -EINVAL when `signer` is none. */
int note_sign(const struct note *note, const char *signer, char ret_text[NOTE_TEXT_MOST]);
