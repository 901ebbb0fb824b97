#include "shipper/jsonread.h"

#include <string.h>

#include "pam_diag/base/num.h"

static bool fail(struct jsonread *json)
{
        json->wrong = true;
        json->at = json->end;
        return false;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct jsonread *json)
{
        while (json->at < json->end && is_blank(*json->at))
                json->at++;
}

static bool take(struct jsonread *json, char c)
{
        skip_blanks(json);
        if (json->wrong || json->at >= json->end || *json->at != c)
                return false;
        json->at++;
        return true;
}

char jsonread_kind(struct jsonread *json)
{
        char c;

        skip_blanks(json);
        if (json->wrong || json->at >= json->end)
                return 0;
        c = *json->at;
        if (c == '-' || (c >= '0' && c <= '9'))
                return '0';
        return c == '{' || c == '[' || c == '"' || c == 't' || c == 'f' || c == 'n' ? c : 0;
}

bool jsonread_enter(struct jsonread *json, char bracket)
{
        return take(json, bracket) || fail(json);
}

static bool next(struct jsonread *json, bool *first, char closing)
{
        if (json->wrong)
                return false;
        if (take(json, closing))
                return false;
        if (!*first && !take(json, ','))
                return fail(json);
        *first = false;
        return true;
}

bool jsonread_key(struct jsonread *json, bool *first, char *ret_key, size_t size)
{
        if (!next(json, first, '}') || !jsonread_string(json, ret_key, size))
                return false;
        return take(json, ':') || fail(json);
}

bool jsonread_element(struct jsonread *json, bool *first)
{
        return next(json, first, ']') && (jsonread_kind(json) != 0 || fail(json));
}

static bool is_hex(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* One escape behind its backslash; what it stands for is told for ASCII's own only. */
static bool take_escape(struct jsonread *json, char *ret_character)
{
        static const char from[] = "\"\\/bfnrt";
        static const char to[] = "\"\\/     ";
        const char *at;

        if (json->at >= json->end)
                return fail(json);
        at = memchr(from, *json->at, sizeof(from) - 1);
        if (at != NULL) {
                *ret_character = to[at - from];
                json->at++;
                return true;
        }
        if (*json->at != 'u' || json->end - json->at < 5)
                return fail(json);
        for (int i = 1; i <= 4; i++)
                if (!is_hex(json->at[i]))
                        return fail(json);
        *ret_character = '?';
        json->at += 5;
        return true;
}

bool jsonread_string(struct jsonread *json, char *ret_text, size_t size)
{
        size_t n = 0;

        if (!take(json, '"'))
                return fail(json);
        while (json->at < json->end && *json->at != '"') {
                char c = *json->at++;

                if ((unsigned char)c < 0x20)
                        return fail(json);
                if (c == '\\' && !take_escape(json, &c))
                        return false;
                if (n + 1 < size)
                        ret_text[n++] = (unsigned char)c >= 0x7f ? '?' : c;
        }
        if (size > 0)
                ret_text[n] = '\0';
        return take(json, '"') || fail(json);
}

static bool skip_digits(struct jsonread *json)
{
        const char *from = json->at;

        while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
                json->at++;
        return json->at > from;
}

static bool skip_number(struct jsonread *json)
{
        const char *from;

        if (*json->at == '-')
                json->at++;
        from = json->at;
        if (!skip_digits(json) || (*from == '0' && json->at > from + 1))
                return fail(json);
        if (json->at < json->end && *json->at == '.') {
                json->at++;
                if (!skip_digits(json))
                        return fail(json);
        }
        if (json->at < json->end && (*json->at == 'e' || *json->at == 'E')) {
                json->at++;
                if (json->at < json->end && (*json->at == '+' || *json->at == '-'))
                        json->at++;
                if (!skip_digits(json))
                        return fail(json);
        }
        return true;
}

bool jsonread_integer(struct jsonread *json, int64_t *ret_number)
{
        char text[32];
        size_t length;
        const char *from;

        if (jsonread_kind(json) == '"') {
                if (!jsonread_string(json, text, sizeof(text)))
                        return false;
                return num_parse_i64(text, INT64_MIN, INT64_MAX, ret_number) == 0 || fail(json);
        }
        if (jsonread_kind(json) != '0')
                return fail(json);
        from = json->at;
        if (!skip_number(json))
                return false;
        length = (size_t)(json->at - from);
        if (length >= sizeof(text))
                return fail(json);
        memcpy(text, from, length);
        text[length] = '\0';
        return num_parse_i64(text, INT64_MIN, INT64_MAX, ret_number) == 0 || fail(json);
}

static bool take_word(struct jsonread *json, const char *word)
{
        size_t length = strlen(word);

        if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
                return fail(json);
        json->at += length;
        return true;
}

bool jsonread_bool(struct jsonread *json, bool *ret_value)
{
        char kind = jsonread_kind(json);

        if (kind != 't' && kind != 'f')
                return fail(json);
        if (!take_word(json, kind == 't' ? "true" : "false"))
                return false;
        *ret_value = kind == 't';
        return true;
}

/* A value that holds no others. */
static bool skip_scalar(struct jsonread *json)
{
        switch (jsonread_kind(json)) {
        case '"':
                return jsonread_string(json, NULL, 0);
        case '0':
                return skip_number(json);
        case 't':
                return take_word(json, "true");
        case 'f':
                return take_word(json, "false");
        case 'n':
                return take_word(json, "null");
        default:
                return fail(json);
        }
}

/* The kinds of the brackets that are open stand in a small array instead of on the stack. */
bool jsonread_skip(struct jsonread *json)
{
        char open[JSONREAD_DEPTH_MOST];
        bool first[JSONREAD_DEPTH_MOST];
        size_t depth = 0;

        for (;;) {
                char kind = jsonread_kind(json);

                if (kind == '{' || kind == '[') {
                        if (depth == JSONREAD_DEPTH_MOST || !jsonread_enter(json, kind))
                                return fail(json);
                        open[depth] = kind;
                        first[depth++] = true;
                } else if (!skip_scalar(json)) {
                        return false;
                }
                while (depth > 0) {
                        bool more = open[depth - 1] == '{' ? jsonread_key(json, &first[depth - 1], NULL, 0)
                                                           : jsonread_element(json, &first[depth - 1]);
                        if (more)
                                break;
                        if (json->wrong)
                                return false;
                        depth--;
                }
                if (depth == 0)
                        return !json->wrong;
        }
}

bool jsonread_at_end(struct jsonread *json)
{
        skip_blanks(json);
        return !json->wrong && json->at == json->end;
}
