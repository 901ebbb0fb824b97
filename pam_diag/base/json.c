#include "pam_diag/base/json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define BYTE_BASE 0x10fe00U /* private use, plane 16: U+10FE00 + byte */

static bool is_follower(char c)
{
        return ((unsigned char)c & 0xc0) == 0x80;
}

static uint32_t six_bits(char c)
{
        return (uint32_t)(unsigned char)c & 0x3f;
}

size_t json_utf8_next(const char *bytes, size_t length, uint32_t *ret_code)
{
        unsigned char first = length > 0 ? (unsigned char)bytes[0] : 0;
        uint32_t code;

        if (length == 0)
                return 0;
        if (first < 0x80) {
                *ret_code = first;
                return 1;
        }
        if (first >= 0xc2 && first < 0xe0 && length >= 2 && is_follower(bytes[1])) {
                *ret_code = ((uint32_t)first & 0x1f) << 6 | six_bits(bytes[1]);
                return 2;
        }
        if (first >= 0xe0 && first < 0xf0 && length >= 3 && is_follower(bytes[1]) && is_follower(bytes[2])) {
                code = ((uint32_t)first & 0x0f) << 12 | six_bits(bytes[1]) << 6 | six_bits(bytes[2]);
                if (code < 0x800 || (code >= 0xd800 && code < 0xe000))
                        return 0;
                *ret_code = code;
                return 3;
        }
        if (first >= 0xf0 && first < 0xf5 && length >= 4 && is_follower(bytes[1]) && is_follower(bytes[2]) &&
            is_follower(bytes[3])) {
                code = ((uint32_t)first & 0x07) << 18 | six_bits(bytes[1]) << 12 | six_bits(bytes[2]) << 6 |
                       six_bits(bytes[3]);
                if (code < 0x10000 || code > 0x10ffff)
                        return 0;
                *ret_code = code;
                return 4;
        }
        return 0;
}

bool json_is_unsafe(uint32_t code)
{
        return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
               code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) ||
               (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static void put_raw_byte(struct buf *buf, char byte)
{
        uint32_t code = BYTE_BASE + (unsigned char)byte;
        char utf8[4] = {
                (char)(unsigned char)(0xf0 | code >> 18),
                (char)(unsigned char)(0x80 | (code >> 12 & 0x3f)),
                (char)(unsigned char)(0x80 | (code >> 6 & 0x3f)),
                (char)(unsigned char)(0x80 | (code & 0x3f)),
        };

        buf_put(buf, utf8, sizeof(utf8));
}

static void put_character(struct buf *buf, const char *bytes, size_t n, uint32_t code)
{
        if (code == '"' || code == '\\') {
                buf_put_char(buf, '\\');
                buf_put_char(buf, bytes[0]);
        } else if (json_is_unsafe(code)) {
                buf_printf(buf, "\\u%04" PRIx32, code);
        } else {
                buf_put(buf, bytes, n);
        }
}

void json_put_bytes(struct buf *buf, const char *bytes, size_t length)
{
        buf_put_char(buf, '"');
        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(bytes + i, length - i, &code);

                if (n == 0 || code == 0 || (code >= BYTE_BASE && code < BYTE_BASE + 0x100)) {
                        put_raw_byte(buf, bytes[i]);
                        i++;
                        continue;
                }
                put_character(buf, bytes + i, n, code);
                i += n;
        }
        buf_put_char(buf, '"');
}

void json_put_text(struct buf *buf, const char *text)
{
        if (text == NULL)
                buf_put_text(buf, "null");
        else
                json_put_bytes(buf, text, strlen(text));
}

void json_put_strv(struct buf *buf, char *const *strings)
{
        buf_put_char(buf, '[');
        for (size_t i = 0; strings != NULL && strings[i] != NULL; i++) {
                if (i > 0)
                        buf_put_char(buf, ',');
                json_put_text(buf, strings[i]);
        }
        buf_put_char(buf, ']');
}

void json_key(struct buf *buf, const char *name)
{
        if (buf->length > 0 && buf->data[buf->length - 1] != '{')
                buf_put_char(buf, ',');
        buf_printf(buf, "\"%s\":", name);
}

void json_member_text(struct buf *buf, const char *name, const char *text)
{
        json_key(buf, name);
        json_put_text(buf, text);
}

void json_member_i64(struct buf *buf, const char *name, int64_t value)
{
        json_key(buf, name);
        buf_printf(buf, "%" PRId64, value);
}

void json_member_bool(struct buf *buf, const char *name, int value)
{
        json_key(buf, name);
        buf_put_text(buf, value != 0 ? "true" : "false");
}

void json_member_strv(struct buf *buf, const char *name, char *const *strings)
{
        json_key(buf, name);
        json_put_strv(buf, strings);
}

size_t json_restore_bytes(char *text, size_t length)
{
        size_t out = 0;

        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(text + i, length - i, &code);

                if (n == 4 && code >= BYTE_BASE && code < BYTE_BASE + 0x100) {
                        text[out++] = (char)(unsigned char)(code - BYTE_BASE);
                        i += 4;
                        continue;
                }
                n = n == 0 ? 1 : n;
                memmove(text + out, text + i, n);
                out += n;
                i += n;
        }
        return out;
}
