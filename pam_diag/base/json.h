/* JSON text from bytes, always safe to print.
 *
 * Linked by: supervisor, ctl, shipper.
 *
 * Every byte string becomes a JSON string that is valid, reversible and harmless on a terminal:
 *  - a byte 0xNN that is no part of valid UTF-8 (RFC 3629), and NUL, becomes the character U+10FENN;
 *  - characters U+10FE00 to U+10FEFF of the input are themselves taken for such bytes, each of their four bytes
 *    escaped alone: so a reader that turns U+10FENN back into the byte NN gets the input, byte for byte;
 *  - controls (C0, DEL, C1), line and paragraph separators and the characters that turn the writing direction
 *    are written \uXXXX.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

void json_put_bytes(struct buf *buf, const char *bytes, size_t length);
void json_put_text(struct buf *buf, const char *text); /* NULL becomes null */
void json_put_strv(struct buf *buf, char *const *strings); /* NULL becomes [] */

/* `"name":`, preceded by a comma unless an object has just been opened. The name is written as it is: a constant. */
void json_key(struct buf *buf, const char *name);

/* One member of an object. */
void json_member_text(struct buf *buf, const char *name, const char *text);
void json_member_i64(struct buf *buf, const char *name, int64_t value);
void json_member_bool(struct buf *buf, const char *name, int value);
void json_member_strv(struct buf *buf, const char *name, char *const *strings);

/* The reverse of json_put_bytes for text that a JSON reader has already unescaped: U+10FENN becomes the byte NN
 * again. Works in place and returns the new length. Text that never had such a character stays as it is. */
size_t json_restore_bytes(char *text, size_t length);

/* What a terminal might obey, or what would make one line look like two: controls, separators, direction marks. */
bool json_is_unsafe(uint32_t code);

/* Length in bytes (1 to 4) of the valid UTF-8 character at `bytes`, its code point in *ret_code; 0 where there is none. */
size_t json_utf8_next(const char *bytes, size_t length, uint32_t *ret_code);
