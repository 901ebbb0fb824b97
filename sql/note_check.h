/* Finding and checking signed notes in what somebody else has kept.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include <stdbool.h>

#include "sql/note.h"

enum { NOTE_SIGNATURE_SIZE = 64 };

struct note_found {
        struct note note;
        unsigned char id[NOTE_ID_SIZE]; /* of the key that is said to have signed it */
        unsigned char signature[NOTE_SIGNATURE_SIZE];
};

/* The signed notes of the name in any bytes: notes as they are, or inside of JSON strings, where a line's end is written \n or \u000a,
 * with as many backslashes as strings lie in strings. What is not whole is no note. Pure. Calls back in order; a callback that returns
 * non-zero ends the scan, and that is returned. */
int note_scan(const char *bytes, size_t length, const char *name,
              int (*found)(void *context, const struct note_found *found), void *context);

/* Is it the verifier's signature over exactly this note? */
bool note_check(const struct note *note, const unsigned char *signature, const struct note_verifier *verifier);

/* The lines that are signed; their length. */
size_t note_put_body(const struct note *note, char ret_text[NOTE_TEXT_MOST]);
