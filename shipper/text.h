/* Text for lines: time, bytes that are no text, base64.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

/* Every line has a million sisters: none of these goes through printf. */
void text_put_number(struct buf *buf, int64_t number);
/* As json_put_bytes (base/json.h). */
void text_put_string(struct buf *buf, const char *text, size_t length);
/* The same of text that is plain (base/plain.h). */
void text_put_plain(struct buf *buf, const char *text, size_t length);

/* Text that is UTF-8 and stays as it is: only what JSON requires is escaped, so that reading it gives the same bytes again. */
void text_put_quoted(struct buf *buf, const char *text, size_t length);

/* 2026-01-31T23:59:59.123456Z (RFC 3339). */
void text_put_time(struct buf *buf, int64_t time_us);

void text_put_hex(struct buf *buf, const unsigned char *bytes, size_t length);

/* True when the text has characters U+10FENN, which stand for bytes that were not UTF-8 (base/json.h). */
bool text_has_bytes(const char *text, size_t length);

/* The next string of a JSON array of strings: *at is moved behind it; *ret_token is the string with its quotation marks and escapes.
 * False behind the last. */
bool text_next_item(const char **at, const char *end, const char **ret_token, size_t *ret_length);

/* The text with U+FFFD for each such byte. */
void text_put_replaced(struct buf *buf, const char *text, size_t length);

/* The original bytes in base64 (RFC 4648, section 4, with padding). */
void text_put_base64(struct buf *buf, const char *text, size_t length);
