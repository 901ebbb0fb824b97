#include "sql/recread.h"

#include <string.h>

#include "pam_diag/base/plain.h"

static bool fail(struct recread *read)
{
        read->wrong = true;
        read->at = read->end;
        return false;
}

static bool take(struct recread *read, char c)
{
        if (read->at >= read->end || *read->at != c)
                return false;
        read->at++;
        return true;
}

bool recread_skip(struct recread *read, const char *text, size_t length)
{
        if ((size_t)(read->end - read->at) < length || memcmp(read->at, text, length) != 0)
                return false;
        read->at += length;
        return true;
}

static bool take_word(struct recread *read, const char *word, size_t length)
{
        return recread_skip(read, word, length) || fail(read);
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Behind "\u". Characters that need two of these are never written so, and U+0000 would end a text: neither is one of ours. */
static bool take_code(const char *at, const char *end, uint32_t *ret_code)
{
        uint32_t code = 0;

        if (end - at < 4)
                return false;
        for (int i = 0; i < 4; i++) {
                int digit = hex_digit(at[i]);

                if (digit < 0)
                        return false;
                code = code << 4 | (uint32_t)digit;
        }
        if (code == 0 || (code >= 0xd800 && code < 0xe000))
                return false;
        *ret_code = code;
        return true;
}

static char single_escape(char c)
{
        static const char from[] = "\"\\/bfnrt";
        static const char to[] = "\"\\/\b\f\n\r\t";
        const char *at = c != '\0' ? strchr(from, c) : NULL;

        return at != NULL ? to[at - from] : '\0';
}

/* One escape, behind its backslash. */
static bool take_escape(struct recread *read)
{
        uint32_t code = 0;

        if (read->at >= read->end)
                return fail(read);
        if (single_escape(*read->at) != '\0') {
                read->at++;
                return true;
        }
        if (*read->at != 'u' || !take_code(read->at + 1, read->end, &code))
                return fail(read);
        read->at += 5;
        return true;
}

/* Behind the first quotation mark. */
static bool take_string(struct recread *read, struct recread_value *ret_string)
{
        const char *from = read->at;
        bool plain = true;

        for (;;) {
                read->at += plain_length(read->at, (size_t)(read->end - read->at));
                if (read->at == read->end || (unsigned char)*read->at < 0x20)
                        return fail(read);
                if (*read->at == '"')
                        break;
                plain = false;
                if (*read->at++ == '\\' && !take_escape(read))
                        return false;
        }
        *ret_string = (struct recread_value){
                .kind = '"', .plain = plain, .text = from, .length = (size_t)(read->at - from)
        };
        read->at++;
        return true;
}

static bool is_digit(const struct recread *read)
{
        return read->at < read->end && *read->at >= '0' && *read->at <= '9';
}

/* Records have integers only. */
static bool take_number(struct recread *read)
{
        const char *from;

        (void)take(read, '-');
        from = read->at;
        while (is_digit(read))
                read->at++;
        if (read->at == from || (*from == '0' && read->at > from + 1))
                return fail(read);
        return true;
}

/* true, false, null or a number. */
static bool take_word_or_number(struct recread *read)
{
        switch (*read->at) {
        case 't':
                return take_word(read, "true", 4);
        case 'f':
                return take_word(read, "false", 5);
        case 'n':
                return take_word(read, "null", 4);
        default:
                return take_number(read);
        }
}

/* A value that holds no others; there is at least one byte. */
static bool take_scalar(struct recread *read, struct recread_value *ret_value)
{
        const char *from = read->at;

        if (take(read, '"'))
                return take_string(read, ret_value);
        if (!take_word_or_number(read))
                return false;
        *ret_value = (struct recread_value){ .kind = *from >= 'a' ? *from : '0',
                                             .text = from,
                                             .length = (size_t)(read->at - from) };
        return true;
}

static bool next(struct recread *read, bool *first, char closing)
{
        if (read->wrong || take(read, closing))
                return false;
        if (!*first && !take(read, ','))
                return fail(read);
        *first = false;
        return true;
}

bool recread_key(struct recread *read, bool *first, struct recread_value *ret_key)
{
        if (!next(read, first, '}'))
                return false;
        if (!take(read, '"'))
                return fail(read);
        return take_string(read, ret_key) && (take(read, ':') || fail(read));
}

bool recread_element(struct recread *read, bool *first)
{
        return next(read, first, ']');
}

bool recread_enter(struct recread *read, char bracket)
{
        return take(read, bracket) || fail(read);
}

/* An object or array as a whole. The kinds of the brackets that are open stand in a small array instead of on the stack. */
static bool take_nested(struct recread *read)
{
        char open[RECREAD_DEPTH_MOST];
        bool first[RECREAD_DEPTH_MOST];
        struct recread_value ignored;
        size_t depth = 0;

        do {
                if (read->at < read->end && (*read->at == '{' || *read->at == '[')) {
                        if (depth == RECREAD_DEPTH_MOST)
                                return fail(read);
                        open[depth] = *read->at++;
                        first[depth++] = true;
                } else if (read->at == read->end || !take_scalar(read, &ignored)) {
                        return fail(read);
                }
                while (depth > 0 && !(open[depth - 1] == '{' ? recread_key(read, &first[depth - 1], &ignored)
                                                             : recread_element(read, &first[depth - 1])))
                        depth--;
        } while (depth > 0);
        return !read->wrong;
}

bool recread_value(struct recread *read, struct recread_value *ret_value)
{
        const char *from = read->at;

        if (read->wrong || from >= read->end)
                return fail(read);
        if (*from != '{' && *from != '[')
                return take_scalar(read, ret_value);
        if (!take_nested(read))
                return false;
        *ret_value = (struct recread_value){ .kind = *from, .text = from, .length = (size_t)(read->at - from) };
        return true;
}

bool recread_at_end(const struct recread *read)
{
        return !read->wrong && read->at == read->end;
}

/* U+0001 to U+FFFF. */
static char *put_code(char *to, uint32_t code)
{
        if (code < 0x80) {
                *to++ = (char)code;
                return to;
        }
        if (code < 0x800) {
                *to++ = (char)(unsigned char)(0xc0 | code >> 6);
        } else {
                *to++ = (char)(unsigned char)(0xe0 | code >> 12);
                *to++ = (char)(unsigned char)(0x80 | (code >> 6 & 0x3f));
        }
        *to++ = (char)(unsigned char)(0x80 | (code & 0x3f));
        return to;
}

size_t recread_text(const struct recread_value *value, char *ret_text)
{
        const char *at = value->text;
        const char *end = at + value->length;
        char *to = ret_text;

        while (at < end) {
                const char *slash = value->plain ? NULL : memchr(at, '\\', (size_t)(end - at));
                size_t n = (size_t)((slash != NULL ? slash : end) - at);
                uint32_t code = 0;

                memcpy(to, at, n);
                to += n;
                at += n;
                if (slash == NULL)
                        break;
                if (at[1] != 'u') {
                        *to++ = single_escape(at[1]);
                        at += 2;
                } else {
                        (void)take_code(at + 2, end, &code);
                        to = put_code(to, code);
                        at += 6;
                }
        }
        return (size_t)(to - ret_text);
}

bool recread_integer(const struct recread_value *value, int64_t *ret_number)
{
        bool negative = value->kind == '0' && value->text[0] == '-';
        int64_t number = 0;

        if (value->kind != '0')
                return false;
        for (size_t i = negative; i < value->length; i++) {
                int64_t digit = value->text[i] - '0';

                if (__builtin_mul_overflow(number, 10, &number) ||
                    __builtin_sub_overflow(number, negative ? digit : -digit, &number))
                        return false;
        }
        *ret_number = number;
        return true;
}

static bool take_kind(struct recread *read, char ret_kind[RECREAD_KIND_SIZE])
{
        size_t n = 0;

        for (; read->at < read->end && *read->at >= 'a' && *read->at <= 'z'; read->at++) {
                if (n + 1 == RECREAD_KIND_SIZE)
                        return fail(read);
                ret_kind[n++] = *read->at;
        }
        ret_kind[n] = '\0';
        return n > 0 || fail(read);
}

static bool take_session(struct recread *read, char ret_session[REC_SESSION_LENGTH + 1])
{
        if (read->end - read->at < REC_SESSION_LENGTH)
                return fail(read);
        for (int i = 0; i < REC_SESSION_LENGTH; i++) {
                char c = read->at[i];

                if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
                        return fail(read);
                ret_session[i] = c;
        }
        ret_session[REC_SESSION_LENGTH] = '\0';
        read->at += REC_SESSION_LENGTH;
        return true;
}

#define WORD(text) (text), sizeof(text) - 1

bool recread_begin(struct recread *read, struct recread_beginning *ret_beginning)
{
        struct recread_beginning beginning;
        struct recread_value time = { 0 };

        if (!take_word(read, WORD("{\"v\":1,\"kind\":\"")) || !take_kind(read, beginning.kind) ||
            !take_word(read, WORD("\",\"time\":")) || !recread_value(read, &time) ||
            !recread_integer(&time, &beginning.time_us) || !take_word(read, WORD(",\"session\":\"")) ||
            !take_session(read, beginning.session) || !take_word(read, WORD("\"")))
                return fail(read);
        *ret_beginning = beginning;
        return true;
}
