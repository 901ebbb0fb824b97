/* The name of a sink's cursor file.
 *
 * Linked by: diag-ship.
 */
#pragma once

enum { SLUG_SIZE = 96 };

/* Readable and unique: the letters, digits and dots of the sink's spec (at most 48, the rest as '-'), and 16 hex digits
 * of its SHA3-256. 0 or -errno. */
int slug_make(const char *spec, char ret_slug[SLUG_SIZE]);
