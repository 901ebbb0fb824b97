#include "shipper/text.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/eight.h"
#include "pam_diag/base/hex.h"
#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/plain.h"

enum {
        ESCAPE_MOST = 6, /* bytes, as in \u001f */
        QUOTE_AT_ONCE = 256, /* so much of a text is quoted into room for the worst */
};

/* U+10FE00 to U+10FEFF in UTF-8: F4 8F B8..BB 80..BF. */
static bool is_byte_at(const char *text, size_t left)
{
        return left >= 4 && (unsigned char)text[0] == 0xf4 && (unsigned char)text[1] == 0x8f &&
               ((unsigned char)text[2] & 0xfc) == 0xb8;
}

void text_put_number(struct buf *buf, int64_t number)
{
        uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
        char digits[20];
        size_t at = sizeof(digits);

        do
                digits[--at] = (char)('0' + rest % 10);
        while ((rest /= 10) != 0);
        if (number < 0)
                buf_put_char(buf, '-');
        buf_put(buf, digits + at, sizeof(digits) - at);
}

void text_put_plain(struct buf *buf, const char *text, size_t length)
{
        char *room = buf_room(buf, length + 2);

        if (room == NULL)
                return;
        room[0] = '"';
        memcpy(room + 1, text, length);
        room[length + 1] = '"';
        buf_took(buf, length + 2);
}

void text_put_string(struct buf *buf, const char *text, size_t length)
{
        if (plain_is(text, length))
                text_put_plain(buf, text, length);
        else
                json_put_bytes(buf, text, length);
}

static char *put_escape(char *to, unsigned char c)
{
        *to++ = '\\';
        if (c >= 0x20) {
                *to++ = (char)c;
                return to;
        }
        *to++ = 'u';
        *to++ = '0';
        *to++ = '0';
        hex_print(&c, 1, to); /* its NUL has room: a buffer has one behind its end */
        return to + 2;
}

static char *quote_bytes(char *to, const char *at, const char *end)
{
        for (; at < end; at++)
                if ((unsigned char)*at < 0x20 || *at == '"' || *at == '\\')
                        to = put_escape(to, (unsigned char)*at);
                else
                        *to++ = *at;
        return to;
}

/* In a line within a line nearly every eight bytes have some that need a backslash: all eight are written, and behind each backslash the rest
 * of them once more. */
static char *quote_some(char *to, const char *at, const char *end)
{
        for (; end - at >= 8; at += 8) {
                uint64_t word = eight_load(at);
                uint64_t marks = eight_escaped(word);

                eight_store(to, word);
                if (marks != 0 && eight_below(word, 0x20) != 0) { /* controls are rare, and longer */
                        to = quote_bytes(to, at, at + 8);
                        continue;
                }
                for (; marks != 0; marks &= marks - 1) {
                        unsigned n = eight_first(marks);

                        to[n] = '\\';
                        to++;
                        eight_store(to + n, word >> (8 * n));
                }
                to += 8;
        }
        return quote_bytes(to, at, end);
}

void text_put_quoted(struct buf *buf, const char *text, size_t length)
{
        const char *end = text + length;

        buf_put_char(buf, '"');
        while (text < end) {
                size_t some = (size_t)(end - text) < QUOTE_AT_ONCE ? (size_t)(end - text) : QUOTE_AT_ONCE;
                char *room = buf_room(buf, ESCAPE_MOST * some);

                if (room == NULL)
                        return;
                buf_took(buf, (size_t)(quote_some(room, text, text + some) - room));
                text += some;
        }
        buf_put_char(buf, '"');
}

static char *put_digits(char *at, int64_t number, size_t width)
{
        for (size_t i = width; i-- > 0; number /= 10)
                at[i] = (char)('0' + number % 10);
        return at + width;
}

void text_put_time(struct buf *buf, int64_t time_us)
{
        time_t seconds = (time_t)(time_us / 1000000);
        struct tm parts;
        char text[32];
        char *at = text;

        if (time_us < 0 || gmtime_r(&seconds, &parts) == NULL || parts.tm_year > 9999 - 1900) {
                buf->error = buf->error != 0 ? buf->error : -ERANGE;
                return;
        }
        at = put_digits(at, parts.tm_year + 1900, 4);
        *at++ = '-';
        at = put_digits(at, parts.tm_mon + 1, 2);
        *at++ = '-';
        at = put_digits(at, parts.tm_mday, 2);
        *at++ = 'T';
        at = put_digits(at, parts.tm_hour, 2);
        *at++ = ':';
        at = put_digits(at, parts.tm_min, 2);
        *at++ = ':';
        at = put_digits(at, parts.tm_sec, 2);
        *at++ = '.';
        at = put_digits(at, time_us % 1000000, 6);
        *at++ = 'Z';
        buf_put(buf, text, (size_t)(at - text));
}

void text_put_hex(struct buf *buf, const unsigned char *bytes, size_t length)
{
        char *room = buf_room(buf, 2 * length);

        if (room == NULL)
                return;
        hex_print(bytes, length, room);
        buf_took(buf, 2 * length);
}

bool text_has_bytes(const char *text, size_t length)
{
        const char *c = length > 0 ? memchr(text, 0xf4, length) : NULL;

        while (c != NULL) {
                size_t left = length - (size_t)(c - text);

                if (is_byte_at(c, left))
                        return true;
                c = memchr(c + 1, 0xf4, left - 1);
        }
        return false;
}

void text_put_replaced(struct buf *buf, const char *text, size_t length)
{
        size_t from = 0;
        size_t i = 0;

        while (i < length) {
                if (!is_byte_at(text + i, length - i)) {
                        i++;
                        continue;
                }
                buf_put(buf, text + from, i - from);
                buf_put_text(buf, "\xef\xbf\xbd");
                i += 4;
                from = i;
        }
        buf_put(buf, text + from, length - from);
}

bool text_next_item(const char **at, const char *end, const char **ret_token, size_t *ret_length)
{
        const char *from = memchr(*at, '"', (size_t)(end - *at));
        const char *to;

        if (from == NULL)
                return false;
        for (to = from + 1; to < end && *to != '"'; to++)
                if (*to == '\\' && to + 1 < end)
                        to++;
        if (to >= end)
                return false;
        *at = to + 1;
        *ret_token = from;
        *ret_length = (size_t)(to + 1 - from);
        return true;
}

void text_put_base64(struct buf *buf, const char *text, size_t length)
{
        cleanup_free char *bytes = malloc(length + 1);
        cleanup_free unsigned char *encoded = malloc(4 * (length / 3) + 8);
        size_t n;

        if (bytes == NULL || encoded == NULL || length > INT_MAX / 2) {
                buf->error = buf->error != 0 ? buf->error : -ENOMEM;
                return;
        }
        memcpy(bytes, text, length);
        n = json_restore_bytes(bytes, length);
        n = (size_t)EVP_EncodeBlock(encoded, (const unsigned char *)bytes, (int)n);
        buf_put(buf, encoded, n);
}
